/* Numbers in the order of the network, wherever they lie. */
#ifndef AMPHIS_BYTE_ORDER_H
#define AMPHIS_BYTE_ORDER_H

#include <stddef.h>
#include <stdint.h>

/* Of 1 to 8 bytes. */
static inline uint64_t read_big_endian(const uint8_t *bytes, size_t width) {
    uint64_t number = 0;
    for (size_t index = 0; index < width; index++) number = number << 8 | bytes[index];
    return number;
}

static inline void write_big_endian(uint8_t *bytes, size_t width, uint64_t number) {
    for (size_t index = width; index-- > 0; number >>= 8) bytes[index] = (uint8_t)number;
}

#endif
