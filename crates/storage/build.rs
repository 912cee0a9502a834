//! A new migration is a reason to build anew: `embed_migrations!` alone does not see it.

fn main() {
    println!("cargo::rerun-if-changed=../../migrations");
}
