# t/account/: who may have an account; the probes need a server and are run by the .t of the same name.
check_PROGRAMS += t/account/10-rules.t
noinst_PROGRAMS += t/account/account_probe t/account/proof_probe

t_account_10_rules_t_SOURCES = t/account/10-rules.c
t_account_10_rules_t_LDADD = app/libapp.a common/libcommon.a $(COMMON_LIBS) $(ACCOUNT_LIBS)
t_account_account_probe_SOURCES = t/account/account_probe.c
t_account_account_probe_LDADD = app/libapp.a common/libcommon.a $(COMMON_LIBS) $(ACCOUNT_LIBS)
t_account_proof_probe_SOURCES = t/account/proof_probe.c
t_account_proof_probe_LDADD = app/libapp.a common/libcommon.a $(COMMON_LIBS) $(ACCOUNT_LIBS)
check_PROGRAMS += t/account/11-totp.t
t_account_11_totp_t_SOURCES = t/account/11-totp.c
t_account_11_totp_t_LDADD = app/libapp.a common/libcommon.a $(COMMON_LIBS) $(ACCOUNT_LIBS)
noinst_PROGRAMS += t/account/throttle_probe
t_account_throttle_probe_SOURCES = t/account/throttle_probe.c
t_account_throttle_probe_LDADD = app/libapp.a common/libcommon.a $(COMMON_LIBS) $(ACCOUNT_LIBS)
check_PROGRAMS += t/account/12-consent-age.t
t_account_12_consent_age_t_SOURCES = t/account/12-consent-age.c
t_account_12_consent_age_t_LDADD = app/libapp.a common/libcommon.a $(COMMON_LIBS) $(ACCOUNT_LIBS)
