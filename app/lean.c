/*
 * Unmaps the pages of programs and libraries that only the start needed; see lean.h. The list of
 * what is loaded is the dynamic linker's own (<link.h>).
 */
#include "app/lean.h"

#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Only segments that are never written: their pages come back from the file. */
static void
unmap_clean(const struct link_map *object)
{
    const ElfW(Ehdr) *header = (const void *)object->l_addr;
    const ElfW(Phdr) * p;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

    if (header == NULL || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
        return;
    p = (const void *)(object->l_addr + header->e_phoff);
    for (int i = 0; i < header->e_phnum; i++, p++) {
        uintptr_t from = object->l_addr + p->p_vaddr, to = from + p->p_filesz;

        if (p->p_type != PT_LOAD || (p->p_flags & PF_W) != 0)
            continue;
        from &= ~(page - 1);
        to = (to + page - 1) & ~(page - 1);
        madvise((void *)from, to - from, MADV_DONTNEED); /* a hint: nothing depends on it */
    }
}

void
lean(void)
{
    malloc_trim(0);
    for (const struct link_map *l = _r_debug.r_map; l != NULL; l = l->l_next)
        unmap_clean(l);
}
