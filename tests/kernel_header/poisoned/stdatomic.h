// Stands in the place of <stdatomic.h> when a kernel-safe header is checked.
#error "a kernel-safe header must not include <stdatomic.h>"
