# common/: what more than one program needs. Knows neither requests nor pictures.
noinst_LIBRARIES += common/libcommon.a

common_SOURCES += \
	common/arena.c common/arena.h \
	common/audit.c common/audit.h common/audit_store.c common/audit_store.h \
	common/banned.h \
	common/clock.c common/clock.h \
	common/conf.c common/conf.h common/conf_key.h common/conf_keys.c \
	common/copy.c common/copy.h common/copy_files.c common/copy_files.h \
	common/copy_store.c common/copy_store.h \
	common/crypto.c common/crypto.h \
	common/db.c common/db.h common/db_error.c common/db_error.h common/db_row.h common/db_rows.c \
	common/err.c common/err.h \
	common/erasure.c common/erasure.h common/erasure_letters.c common/erasure_letters.h \
	common/erasure_plan_store.c common/erasure_receipt.c common/erasure_receipt.h \
	common/erasure_store.c common/erasure_store.h \
	common/export.c common/export.h common/export_file.c common/export_file.h common/export_store.c common/export_store.h \
	common/fetch.c common/fetch.h common/fetch_file.c common/fetch_http.h \
	common/flag_store.c common/flag_store.h \
	common/ids.c common/ids.h \
	common/job.c common/job.h common/job_move.c common/job_params.c common/job_rules.h \
	common/job_source.h common/job_source_store.c common/job_source_store.h \
	common/job_claim.c common/job_store.c common/job_store.h common/job_work.c \
	common/json.c common/json.h \
	common/language.c common/language.h \
	common/ledger.c common/ledger.h common/ledger_store.c common/ledger_store.h \
	common/log.c common/log.h \
	common/mail.c common/mail.h common/mail_deliver.c \
	common/mail_message.c common/mail_message.h common/mail_send.c common/mail_send.h \
	common/mail_store.c common/mail_store.h \
	common/manifest.c common/manifest.h \
	common/media.c common/media.h common/media_store.c common/media_store.h common/media_upload.c common/media_work.c \
	common/migrate.c common/migrate.h \
	common/nearest.c common/nearest.h \
	common/network.c common/network.h \
	common/plans.c common/plans.h common/processor.c common/processor.h \
	common/purchase.c common/purchase.h common/purchase_event.c common/purchase_store.c common/purchase_store.h \
	common/subscription.c common/subscription.h common/subscription_ask.c common/subscription_expiry.c \
	common/subscription_store.c common/subscription_store.h \
	common/prompt_fold.c common/prompt_fold.h common/prompt_rules.c common/prompt_rules.h \
	common/purge.c common/purge.h common/purge_store.c common/purge_store.h \
	common/rates.c common/rates.h common/rates_store.c common/rates_store.h \
	common/reconcile.c common/reconcile.h common/reconcile_store.c common/reconcile_store.h \
	common/refund.c common/refund.h common/refund_sums.c common/refund_store.c common/refund_store.h \
	common/register.c common/register.h common/register_load.c common/register_read.h \
	common/register_rule.c common/register_sql.c common/register_sql.h \
	common/register_words.c common/register_words.h \
	common/store.c common/store.h \
	common/text.c common/text.h \
	common/rights.c common/rights.h common/rights_store.c common/rights_store.h \
	common/program.c common/program.h common/recode.c common/recode.h \
	common/rights_answers.c common/rights_answers.h common/rights_remind.c \
	common/ticket.c common/ticket.h common/ticket_store.c common/ticket_store.h \
	common/transfer.c common/transfer.h \
	common/yaml_tree.c common/yaml_tree.h

common_libcommon_a_SOURCES = $(common_SOURCES)
