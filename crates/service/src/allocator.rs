//! The allocator of every service: it keeps a long-running process small.
//!
//! Without transparent huge pages (`no_thp`): with them an idle service held 13 MB more.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
