/* What regions need of the operating system. */
#ifndef AMPHIS_REGION_SYSTEM_H
#define AMPHIS_REGION_SYSTEM_H

#include <stdbool.h>
#include <stdint.h>

#include "failure.h"

/* Memory without a name and without a size; -1 and errno otherwise. */
int system_open(void);
/* Fixes the size that it has. 0, or -1 and errno. */
int system_seal(int descriptor);
/* Whether this is memory whose size nobody can take back; otherwise `failure` says what it is. */
bool system_is_sealed(int descriptor, struct failure *failure);
/* 0, or errno. */
int system_punch(int descriptor, uint64_t offset, uint64_t bytes);
int system_reserve(int descriptor, uint64_t offset, uint64_t bytes);
int system_advise_huge(void *base, uint64_t bytes);

#endif
