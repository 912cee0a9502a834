//! The allocator of every service: it keeps a long-running process small.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
