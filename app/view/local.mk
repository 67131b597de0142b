# app/view: views, templates, pages.
app_SOURCES += \
	app/view/messages.c app/view/messages.h \
	app/view/mustache.c app/view/mustache.h app/view/mustache_node.h app/view/mustache_render.c \
	app/view/page.c \
	app/view/theme.c app/view/theme.h \
	app/view/templates.c app/view/templates.h \
	app/view/view.c app/view/view.h app/view/view_node.h
