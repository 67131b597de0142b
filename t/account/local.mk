# t/account: C tests of this folder; each a program in check_PROGRAMS.
