# app/pack: files of the media store as one archive; started by the application.
pkglibexec_PROGRAMS += gempix-pack
gempix_pack_SOURCES = app/pack/main_pack.c
gempix_pack_CFLAGS = $(AM_CFLAGS) $(ARCHIVE_CFLAGS)
gempix_pack_LDADD = common/libcommon.a $(COMMON_LIBS) $(ARCHIVE_LIBS)
