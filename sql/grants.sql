-- What each program may do, and nothing else. `gempixctl grant-users` fills in the database and the users and runs this
-- after every migration; a second run changes nothing. The operator's own account (gempixctl) needs no grants from here:
-- it has to be able to change the schema, and nobody else is.
--
-- A new user signs in as the system user of its name (unix_socket). Whoever wants passwords instead sets them afterwards:
--     ALTER USER '…'@localhost IDENTIFIED BY '…'
--
-- Ledger transfers and entries can be added and read. No program can change or remove one. Of a job, no program can
-- change the owner or the price, and only the steward, which forgets old words, the parameters. Rights are taken away before they are given, so that a right that is
-- no longer listed here is gone; for that moment a running program may be refused.

CREATE USER IF NOT EXISTS '@APP@'@localhost IDENTIFIED VIA unix_socket;
CREATE USER IF NOT EXISTS '@RENDER@'@localhost IDENTIFIED VIA unix_socket;
CREATE USER IF NOT EXISTS '@STEWARD@'@localhost IDENTIFIED VIA unix_socket;
REVOKE ALL PRIVILEGES, GRANT OPTION FROM '@APP@'@localhost, '@RENDER@'@localhost, '@STEWARD@'@localhost;

-- gempix-app: accounts and sessions, uploads, submitting and cancelling jobs, saving and deleting pictures.
GRANT SELECT ON `@DATABASE@`.schema_migration TO '@APP@'@localhost;
GRANT SELECT, INSERT, UPDATE ON `@DATABASE@`.account TO '@APP@'@localhost;
GRANT SELECT, INSERT, UPDATE, DELETE ON `@DATABASE@`.session TO '@APP@'@localhost;
GRANT SELECT, INSERT, DELETE, UPDATE (tries) ON `@DATABASE@`.account_proof TO '@APP@'@localhost;
GRANT SELECT, INSERT, UPDATE, DELETE ON `@DATABASE@`.account_second TO '@APP@'@localhost;
GRANT SELECT, INSERT, DELETE ON `@DATABASE@`.account_recovery TO '@APP@'@localhost;
GRANT SELECT, INSERT, UPDATE ON `@DATABASE@`.account_device TO '@APP@'@localhost;
GRANT SELECT, INSERT ON `@DATABASE@`.account_origin TO '@APP@'@localhost;
GRANT SELECT, INSERT, UPDATE, DELETE ON `@DATABASE@`.rate_window TO '@APP@'@localhost;
GRANT SELECT, INSERT, UPDATE, DELETE ON `@DATABASE@`.sign_in_delay TO '@APP@'@localhost;
GRANT SELECT, INSERT ON `@DATABASE@`.ledger_transfer TO '@APP@'@localhost;
GRANT SELECT, INSERT ON `@DATABASE@`.ledger_entry TO '@APP@'@localhost;
GRANT SELECT, INSERT, UPDATE ON `@DATABASE@`.balance TO '@APP@'@localhost;
GRANT SELECT, INSERT, UPDATE (state, turn, lease_owner, lease_token, lease_until, attempts, cancel_asked, step, started_at,
    finished_at, error_code, error_message) ON `@DATABASE@`.job TO '@APP@'@localhost;
GRANT SELECT ON `@DATABASE@`.job_preview TO '@APP@'@localhost;
GRANT SELECT (job_id), DELETE ON `@DATABASE@`.job_resume TO '@APP@'@localhost;
GRANT SELECT, INSERT, UPDATE (state, saved, expires_at, deletion, was_expires_at) ON `@DATABASE@`.media TO '@APP@'@localhost;
GRANT SELECT, INSERT ON `@DATABASE@`.job_source TO '@APP@'@localhost;
GRANT SELECT, INSERT, UPDATE (show_name, show_prompt, state), DELETE ON `@DATABASE@`.publication TO '@APP@'@localhost;
GRANT SELECT, INSERT, UPDATE (state) ON `@DATABASE@`.report TO '@APP@'@localhost;
GRANT SELECT ON `@DATABASE@`.render_worker TO '@APP@'@localhost;
GRANT SELECT ON `@DATABASE@`.model_cost TO '@APP@'@localhost;
GRANT SELECT, INSERT, UPDATE (state, session_id, payment_id, receipt, refunded_amount, refunded_credits, disputed_credits, dispute, paid_at,
    refund_doubts, refund_settled) ON `@DATABASE@`.purchase TO '@APP@'@localhost;
GRANT SELECT, INSERT, UPDATE (session_id, state, ends, period_end, processor_id, told_at, unsure, plan, plan_name, credits, amount, expires,
    refund_days, price, next_price) ON `@DATABASE@`.subscription TO '@APP@'@localhost;
GRANT SELECT, INSERT ON `@DATABASE@`.subscription_terms TO '@APP@'@localhost;
GRANT SELECT, UPDATE ON `@DATABASE@`.receipt_number TO '@APP@'@localhost;
GRANT SELECT, INSERT, UPDATE (state, refund_id, attempts, next_try_at, ended_at) ON `@DATABASE@`.refund TO '@APP@'@localhost;
GRANT SELECT ON `@DATABASE@`.reconcile_run TO '@APP@'@localhost;
GRANT SELECT ON `@DATABASE@`.reconcile_difference TO '@APP@'@localhost;
GRANT SELECT, INSERT, UPDATE (state, attempts, next_try_at, error) ON `@DATABASE@`.processor_event TO '@APP@'@localhost;
GRANT SELECT, INSERT ON `@DATABASE@`.mail_outbox TO '@APP@'@localhost;
GRANT SELECT, INSERT ON `@DATABASE@`.consent TO '@APP@'@localhost;
GRANT INSERT ON `@DATABASE@`.usage_event TO '@APP@'@localhost;
GRANT SELECT, UPDATE (seen_at) ON `@DATABASE@`.policy_notice TO '@APP@'@localhost;
GRANT SELECT ON `@DATABASE@`.staff TO '@APP@'@localhost;
GRANT SELECT, INSERT ON `@DATABASE@`.audit_event TO '@APP@'@localhost;
GRANT SELECT, UPDATE ON `@DATABASE@`.audit_head TO '@APP@'@localhost;
GRANT SELECT, INSERT, UPDATE (state, changed_at) ON `@DATABASE@`.ticket TO '@APP@'@localhost;
GRANT SELECT, INSERT ON `@DATABASE@`.ticket_message TO '@APP@'@localhost;
GRANT SELECT, INSERT ON `@DATABASE@`.ticket_file TO '@APP@'@localhost;
GRANT SELECT, INSERT, UPDATE (state, note, closed_at) ON `@DATABASE@`.flag TO '@APP@'@localhost;
GRANT SELECT, INSERT, DELETE ON `@DATABASE@`.erasure TO '@APP@'@localhost;
GRANT SELECT ON `@DATABASE@`.erasure_step TO '@APP@'@localhost;
GRANT SELECT, INSERT, UPDATE (state, refusal, verified_at, due_at, answered_at) ON `@DATABASE@`.rights_request TO '@APP@'@localhost;
GRANT SELECT, INSERT ON `@DATABASE@`.rights_event TO '@APP@'@localhost;
GRANT SELECT, INSERT, UPDATE (state, fetched_at, fetched_by) ON `@DATABASE@`.data_copy TO '@APP@'@localhost;

-- gempix-render: claiming, rendering, settling. It sees no account, no session and no mail.
GRANT SELECT ON `@DATABASE@`.schema_migration TO '@RENDER@'@localhost;
GRANT SELECT, INSERT ON `@DATABASE@`.ledger_transfer TO '@RENDER@'@localhost;
GRANT SELECT, INSERT ON `@DATABASE@`.ledger_entry TO '@RENDER@'@localhost;
GRANT SELECT, INSERT, UPDATE ON `@DATABASE@`.balance TO '@RENDER@'@localhost;
GRANT SELECT, UPDATE (state, turn, lease_owner, lease_token, lease_until, attempts, cancel_asked, step, started_at,
    finished_at, error_code, error_message) ON `@DATABASE@`.job TO '@RENDER@'@localhost;
GRANT SELECT, INSERT, UPDATE, DELETE ON `@DATABASE@`.job_preview TO '@RENDER@'@localhost;
GRANT SELECT ON `@DATABASE@`.job_source TO '@RENDER@'@localhost;
GRANT SELECT, INSERT, UPDATE, DELETE ON `@DATABASE@`.job_resume TO '@RENDER@'@localhost;
GRANT SELECT, INSERT, UPDATE ON `@DATABASE@`.media TO '@RENDER@'@localhost;
GRANT SELECT, INSERT, UPDATE, DELETE ON `@DATABASE@`.render_worker TO '@RENDER@'@localhost;
GRANT SELECT, INSERT, UPDATE, DELETE ON `@DATABASE@`.model_cost TO '@RENDER@'@localhost;

-- gempix-steward: what happens by the clock: lost leases, expired media and sessions, mail.
GRANT SELECT ON `@DATABASE@`.schema_migration TO '@STEWARD@'@localhost;
GRANT SELECT, UPDATE (state, email, email_key, display_name, language, password_hash, restriction) ON `@DATABASE@`.account TO '@STEWARD@'@localhost;
GRANT SELECT, DELETE ON `@DATABASE@`.session TO '@STEWARD@'@localhost;
GRANT SELECT, DELETE ON `@DATABASE@`.account_proof TO '@STEWARD@'@localhost;
GRANT SELECT, DELETE ON `@DATABASE@`.account_device TO '@STEWARD@'@localhost;
GRANT SELECT, DELETE ON `@DATABASE@`.account_origin TO '@STEWARD@'@localhost;
GRANT SELECT, DELETE ON `@DATABASE@`.rate_window TO '@STEWARD@'@localhost;
GRANT SELECT, DELETE ON `@DATABASE@`.sign_in_delay TO '@STEWARD@'@localhost;
GRANT SELECT, INSERT ON `@DATABASE@`.ledger_transfer TO '@STEWARD@'@localhost;
GRANT SELECT, INSERT ON `@DATABASE@`.ledger_entry TO '@STEWARD@'@localhost;
GRANT SELECT, INSERT, UPDATE ON `@DATABASE@`.balance TO '@STEWARD@'@localhost;
GRANT SELECT, UPDATE (state, turn, lease_owner, lease_token, lease_until, attempts, cancel_asked, step, started_at,
    finished_at, error_code, error_message, params) ON `@DATABASE@`.job TO '@STEWARD@'@localhost;
GRANT SELECT, INSERT, UPDATE ON `@DATABASE@`.purge_run TO '@STEWARD@'@localhost;
GRANT SELECT, INSERT, UPDATE, DELETE ON `@DATABASE@`.job_preview TO '@STEWARD@'@localhost;
GRANT SELECT, DELETE ON `@DATABASE@`.job_source TO '@STEWARD@'@localhost;
GRANT SELECT, INSERT, UPDATE, DELETE ON `@DATABASE@`.job_resume TO '@STEWARD@'@localhost;
GRANT SELECT, INSERT, UPDATE, DELETE ON `@DATABASE@`.media TO '@STEWARD@'@localhost;
GRANT SELECT, INSERT, UPDATE, DELETE ON `@DATABASE@`.render_worker TO '@STEWARD@'@localhost;
GRANT SELECT, INSERT, UPDATE, DELETE ON `@DATABASE@`.model_cost TO '@STEWARD@'@localhost;
GRANT SELECT, INSERT, UPDATE, DELETE ON `@DATABASE@`.mail_outbox TO '@STEWARD@'@localhost;
GRANT SELECT, DELETE, UPDATE (account_id) ON `@DATABASE@`.consent TO '@STEWARD@'@localhost;
GRANT SELECT, DELETE ON `@DATABASE@`.rights_request TO '@STEWARD@'@localhost;
GRANT SELECT, DELETE ON `@DATABASE@`.rights_event TO '@STEWARD@'@localhost;
GRANT SELECT, DELETE ON `@DATABASE@`.ticket TO '@STEWARD@'@localhost;
GRANT SELECT, INSERT, DELETE ON `@DATABASE@`.flag TO '@STEWARD@'@localhost;
GRANT SELECT, DELETE ON `@DATABASE@`.ticket_message TO '@STEWARD@'@localhost;
GRANT SELECT, DELETE ON `@DATABASE@`.ticket_file TO '@STEWARD@'@localhost;
GRANT SELECT, INSERT, DELETE ON `@DATABASE@`.policy_notice TO '@STEWARD@'@localhost;
GRANT SELECT, DELETE ON `@DATABASE@`.usage_event TO '@STEWARD@'@localhost;
GRANT SELECT, INSERT, DELETE ON `@DATABASE@`.usage_day TO '@STEWARD@'@localhost;
-- A month's invoice whose message could not be acted upon when it came becomes a purchase here.
GRANT SELECT, INSERT, UPDATE (state, session_id, payment_id, receipt, refunded_amount, refunded_credits, disputed_credits, dispute, paid_at,
    expired_credits, refund_doubts, refund_settled) ON `@DATABASE@`.purchase TO '@STEWARD@'@localhost;
GRANT SELECT, UPDATE (session_id, state, ends, period_end, processor_id, told_at, unsure, plan, plan_name, credits, amount, expires,
    refund_days, price, next_price) ON `@DATABASE@`.subscription TO '@STEWARD@'@localhost;
GRANT SELECT ON `@DATABASE@`.subscription_terms TO '@STEWARD@'@localhost;
GRANT SELECT, UPDATE ON `@DATABASE@`.receipt_number TO '@STEWARD@'@localhost;
GRANT SELECT, UPDATE (state, refund_id, attempts, next_try_at, ended_at) ON `@DATABASE@`.refund TO '@STEWARD@'@localhost;
GRANT SELECT, DELETE, UPDATE (state, attempts, next_try_at, error) ON `@DATABASE@`.processor_event TO '@STEWARD@'@localhost;
GRANT SELECT, INSERT, DELETE ON `@DATABASE@`.reconcile_run TO '@STEWARD@'@localhost;
GRANT SELECT, INSERT, DELETE ON `@DATABASE@`.reconcile_difference TO '@STEWARD@'@localhost;
GRANT SELECT, UPDATE (salt, staff_id, action, subject_kind, subject_id, reason) ON `@DATABASE@`.audit_event TO '@STEWARD@'@localhost;
-- Erasing an account: what the data register says, and nothing else. Credits and orders stay, and name nobody then.
GRANT SELECT, DELETE ON `@DATABASE@`.account_second TO '@STEWARD@'@localhost;
GRANT SELECT, DELETE ON `@DATABASE@`.account_recovery TO '@STEWARD@'@localhost;
GRANT SELECT, DELETE ON `@DATABASE@`.staff TO '@STEWARD@'@localhost;
GRANT SELECT, DELETE ON `@DATABASE@`.publication TO '@STEWARD@'@localhost;
GRANT SELECT, UPDATE (account_id, note) ON `@DATABASE@`.report TO '@STEWARD@'@localhost;
GRANT SELECT, DELETE, UPDATE (account_id, state, reminded_at, done_at, head) ON `@DATABASE@`.erasure TO '@STEWARD@'@localhost;
GRANT SELECT, INSERT, UPDATE, DELETE ON `@DATABASE@`.erasure_step TO '@STEWARD@'@localhost;
GRANT SELECT, DELETE, UPDATE (state, due_at, attempts, file_id, token_hash, ready_at, ends_at, bytes) ON `@DATABASE@`.data_copy TO '@STEWARD@'@localhost;
