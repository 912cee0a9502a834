# The commands of daily work. `make` alone lists them.
# Ports and secrets come from the environment; deploy/dev/*.sh name them.

.DEFAULT_GOAL := help
.PHONY: help demo up down status logs test bench lint clean-dev

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## start everything, then play one booking and print each step
	@deploy/dev/system.sh demo

up: ## install what is missing, build, migrate, seed, start stores, services and sandbox
	@deploy/dev/system.sh up

down: ## stop services, sandbox and stores
	@deploy/dev/system.sh down

status: ## one line for each process, with its health
	@deploy/dev/system.sh status || true

logs: ## follow the logs; of one service: make logs S=gateway
	@deploy/dev/system.sh logs $(S)

test: ## run every test on private stores; some: make test T='-p storage'
	@deploy/dev/test.sh $(T)

bench: ## measure the system beside its floors; writes docs/BENCHMARKS.md
	@deploy/bench/run.sh

lint: ## what .ci/run checks before it tests
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	@if command -v shellcheck >/dev/null; then git ls-files '*.sh' .ci/run | xargs shellcheck -x; fi

clean-dev: ## stop everything and remove .dev/
	@deploy/dev/system.sh clean
