# render/daemon: appends its files to render_SOURCES.
