/* mem_trim.c - see mem.h */
#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"

enum { KEPT_BYTES = 8 << 20, OWN_MAPPING_BYTES = 1 << 20 };

/* What is mapped from a file and never written comes back from there when it is touched again. */
static int drop_pages(struct dl_phdr_info *info, size_t size, void *arg)
{
	const uintptr_t page = *(const uintptr_t *)arg;
	(void)size;
	if (*info->dlpi_name && *info->dlpi_name != '/')
		return 0; /* the kernel's own: no file */
	for (unsigned i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];
		if (part->p_type != PT_LOAD || (part->p_flags & PF_W))
			continue;
		uintptr_t from = (info->dlpi_addr + part->p_vaddr) & ~(page - 1);
		uintptr_t to = info->dlpi_addr + part->p_vaddr + part->p_memsz;
		/* refused: the pages stay, which only costs memory */
		(void)madvise((void *)from, to - from, MADV_DONTNEED);
	}
	return 0;
}

void mem_trim(void)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	malloc_trim(0);
	dl_iterate_phdr(drop_pages, &page);
}

void mem_keep(void)
{
	/* once either is set, libc no longer adjusts the other */
	(void)mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
	(void)mallopt(M_MMAP_THRESHOLD, OWN_MAPPING_BYTES);
}
