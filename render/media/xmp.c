/*
 * Writes the XMP packet: RDF with the IPTC digital source type and the creator tool. Knows no
 * picture format. Read next: png.c, jpeg.c.
 */
#include "render/media/xmp.h"

#include "common/text.h"
#include "render/media/picture.h"

#define SOURCE_CODES "http://cv.iptc.org/newscodes/digitalsourcetype/"

/* Text between tags. What XML 1.0 cannot hold at all is left out. */
static void
put_escaped(struct text *t, const char *s)
{
    for (; *s != '\0'; s++) {
        unsigned char c = (unsigned char)*s;

        if (c == '&')
            text_puts(t, "&amp;");
        else if (c == '<')
            text_puts(t, "&lt;");
        else if (c == '>')
            text_puts(t, "&gt;");
        else if (c >= 0x20 || c == '\t' || c == '\n')
            text_putc(t, *s);
    }
}

void
xmp_write(const struct picture_note *note, struct text *out)
{
    if (note->digital_source == NULL && note->software == NULL)
        return;
    text_puts(out, "<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
                   "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n"
                   " <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
                   "  <rdf:Description rdf:about=\"\"\n"
                   "    xmlns:Iptc4xmpExt=\"http://iptc.org/std/Iptc4xmpExt/2008-02-29/\"\n"
                   "    xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\">\n");
    if (note->digital_source != NULL) {
        text_puts(out, "   <Iptc4xmpExt:DigitalSourceType>" SOURCE_CODES);
        put_escaped(out, note->digital_source);
        text_puts(out, "</Iptc4xmpExt:DigitalSourceType>\n");
    }
    if (note->software != NULL) {
        text_puts(out, "   <xmp:CreatorTool>");
        put_escaped(out, note->software);
        text_puts(out, "</xmp:CreatorTool>\n");
    }
    text_puts(out, "  </rdf:Description>\n </rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"r\"?>");
}
