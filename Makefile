# Whimbrel. `make run` and `make test` set everything up by themselves; `make help` lists the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Compiler and headers: systemd-python comes as source, and so may lgpio (swig; with PYPI=1 it brings its own liblgpio).
# iproute2, mount: the live tests. libpcap: filter expressions.
APT := python3 python3-venv python3-dev gcc pkg-config libsystemd-dev swig libpcap0.8 iproute2 mount
# What some tests compare with: each of them skips where its program is missing.
APT_TEST := zsh fish device-tree-compiler shellcheck mandoc mosquitto openssl chromium zbar-tools \
	prometheus victoria-metrics influxdb rsyslog rsyslog-openssl dosfstools cpio
# The filter that thins frames in the kernel.
APT_THIN := clang libbpf-dev linux-libc-dev
APT_STRUCTURE := graphviz
APT_BENCH := tshark tcpdump hcxtools cargo librust-tokio-dev
APT_ICOUNT := gcc mmdebstrap qemu-user qemu-user-static
APT_DEB := clang libbpf-dev linux-libc-dev dpkg-dev debhelper dh-python fakeroot pybuild-plugin-pyproject python3-all python3-setuptools \
	python3-yaml
APT_TEST_DEB := mmdebstrap lintian util-linux iproute2

APT_IMAGE := python3 git mmdebstrap qemu-user-static uidmap debian-archive-keyring dpkg-dev e2fsprogs dosfstools mtools fdisk \
	device-tree-compiler xz-utils
APT_PI := qemu-system-arm zstd gpg gpg-agent

# Of what requirements/ pins, by hash: versions of every package, for every Python and machine. PYPI: see APT.
PIP := PYPI=1 $(BIN)/python -m pip install --quiet --disable-pip-version-check
PINNED := tools/install-pinned $(BIN)/python

.DEFAULT_GOAL := help
.PHONY: help setup thin hooks run install-completions test test-quick test-process test-stress test-late coverage test-armel mutate test-programs lock audit lint format new-detection new-screen new-module new-command new-driver try-pages docs structure screenshots bench benchmark soak soak-web page-pictures fuzz history-day recorder-day daemon-day torture torture-calls torture-recorder torture-history torture-power torture-journal fleet overload icount deb test-deb image release e2e-pi e2e-zero2w test-radio e2e ci clean

help: ## List what there is
	@sed -n 's/^\([a-z0-9-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 22

setup: $(VENV)/ready ## Install what is needed: Debian packages, and Python packages into .venv (UNPINNED=1: newer ones that fit too)

hooks: setup ## Have git check style, spelling and generated pages before each commit
	$(BIN)/pre-commit install

$(VENV)/ready: pyproject.toml requirements/dev.txt
	@tools/apt-install $(APT)
	test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
ifdef UNPINNED
	$(PIP) --use-pep517 --editable '.[dev,device]'
else
	tools/install-pinned $(BIN)/python requirements/dev.txt --use-pep517 --editable '.[dev,device]'
	$(PIP) --use-pep517 --no-deps --no-build-isolation --editable .
endif
	@tools/compile-thin
	@touch $@

lock: setup ## Pin anew, in requirements/, what pyproject.toml asks for, with the hashes of all files (LOCK=--upgrade: newer ones)
	$(BIN)/python -c "import uv" 2> /dev/null || $(PINNED) requirements/audit.txt
	$(BIN)/python -m tools.lock $(LOCK)

audit: setup ## Look up known faults of the pinned packages (needs a network that reaches the package index's advisories)
	$(BIN)/python -c "import pip_audit" 2> /dev/null || $(PINNED) requirements/audit.txt
	$(BIN)/python -m pip_audit --strict --disable-pip $(foreach file,dev fuzz mutate audit armel,--requirement requirements/$(file).txt)

thin: ## Compile the filter that thins frames in the kernel
	@tools/apt-install $(APT_THIN)
	@tools/compile-thin

run: setup ## Run it: on a monitor interface where there is one, else in the simulated air (SCENE=attack for its scene, CONFIG=FILE for your own)
	@config=$${CONFIG:-$$(tools/default-config $(SCENE))} && exec $(BIN)/whimbrel run --reach --config "$$config"

install-completions: setup ## Install completions for bash, zsh and fish, and man pages, for you (PREFIX=/usr/local for all)
	@$(BIN)/python -m tools.packaging.install $(if $(PREFIX),--prefix "$(PREFIX)")

# Compiled tests are kept, also where the environment keeps none: else each worker compiles every test anew.
test test-quick test-process test-stress test-late coverage: export PYTHONDONTWRITEBYTECODE :=

# One process for each core; a file's tests stay together until a core has nothing else to do.
PARALLEL := -n auto --dist worksteal

test: setup test-programs ## Run the tests (PYTEST='tests/wifi -n 0' for some of them)
	$(BIN)/python -m pytest -q $(PARALLEL) $(PYTEST)

test-quick: setup ## Run the quick tests: those that start no daemon, open no interface and read no captures
	$(BIN)/python -m pytest -q $(PARALLEL) -m "not process and not slow and not captures and not tun" $(PYTEST)

test-process: setup ## Run the others: the real daemon in a process of its own
	$(BIN)/python -m pytest -q $(PARALLEL) -m "process or slow" $(PYTEST)

test-stress: setup ## Run them slowed to a quarter of a core, twice, in random order (an hour; STRESS='--times 5 tests/process')
	$(BIN)/python -m tools.stress $(STRESS)

test-late: setup ## Run those without a process of their own with tests that look late and threads that lag (an hour, little processor; LATE=tests/modules)
	$(BIN)/python -m pytest -q -n 6 --dist worksteal -p no:cacheprovider --timeout 900 -p tools.late --late 0.3 --late-looks 0.2 --late-threads 0.1 \
		-m "not process and not slow" $(LATE)

coverage: setup test-programs ## Measure of each file what its own test covers, against tests/floors.txt (COVERAGE=--raise: write higher ones)
	rm -rf build/coverage && mkdir -p build/coverage
	$(BIN)/python -m pytest -q $(PARALLEL) --cov --cov-context=test --cov-report=
	$(BIN)/python -m tools.floors $(COVERAGE)

test-programs:
	@tools/apt-install $(APT_TEST) || echo "some tests will be skipped" >&2

lint: setup ## Check style, types, spelling, and that the pages made from the code are up to date
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell
	$(BIN)/python -m tools.generated --check
	$(BIN)/mypy

format: setup ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

new-detection: setup ## Begin a detection: NAME=beacon-gap FAMILY=disruption (docs/contributing/detection.md)
	@$(BIN)/python -m tools.scaffold detection $(NAME) --family $(or $(FAMILY),disruption)

new-screen: setup ## Begin a screen: NAME=tide-table (docs/contributing/screen.md)
	@$(BIN)/python -m tools.scaffold screen $(NAME)

new-module: setup ## Begin a module: NAME=tide-table (docs/contributing/module.md)
	@$(BIN)/python -m tools.scaffold module $(NAME)

new-command: setup ## Begin a command: NAME=tide-table (docs/contributing/command.md)
	@$(BIN)/python -m tools.scaffold command $(NAME)

new-driver: setup ## Begin a driver: NAME=e-paper PORT=panel, or source, tuner, keypad (docs/contributing/driver.md)
	@$(BIN)/python -m tools.scaffold driver $(NAME) --port $(or $(PORT),panel)

try-pages: setup ## Follow each page of docs/contributing in a scratch clone, and leave out each file in turn (minutes)
	$(BIN)/python -m tools.trial $(PAGES)

docs: setup ## Write what is generated from the code: settings, events, detections, structure, the journal's catalog
	$(BIN)/python -m tools.generated

structure: setup ## Draw which package imports which, from the code, into docs/structure.svg and docs/structure.md
	@tools/apt-install $(APT_STRUCTURE)
	$(BIN)/python -m tools.structure > docs/structure.md
	$(BIN)/python -m tools.structure --svg docs/structure.svg

screenshots: setup ## Draw every screen into docs/screens, and anew for the tests (look at each before you commit it)
	$(BIN)/python -m tools.screenshots

bench: setup ## Measure against tshark, scapy, dpkt and tokio, in one run (minutes)
	@tools/apt-install $(APT_BENCH)
	$(BIN)/python -m tools.bench

benchmark: setup ## Judge the detections by built captures with known truth, into docs/benchmark.md (half an hour; BENCHMARK='--intensities medium --hours 0.1' for a part)
	@mkdir -p build
	$(BIN)/python -m tools.wids_benchmark whimbrel --minutes 90 --hours 0.5 --real ../shared/captures \
		--real ../shared/captures2 --page $(if $(BENCHMARK),build/benchmark.md,docs/benchmark.md) --details $(BENCHMARK)

soak: setup ## Listen to 24 hours of each benign simulated air, and count false alarms (20 minutes; SOAK='--hours 1 day')
	$(BIN)/python -m tools.soak --guarded $(SOAK)

soak-web: setup ## Leave the web page open for an hour with 200 access points that change, and watch its memory (SOAK='--minutes 10')
	@tools/apt-install chromium
	$(BIN)/python -m tools.web_page.soak $(SOAK)

page-pictures: setup ## Take the pictures of the web page into docs/pictures (PAGE='--all build/page' for each view, to be looked at)
	@tools/apt-install chromium
	$(BIN)/python -m tools.web_page.pictures $(PAGE)

history-day: setup ## Count what a day of simulated air puts on the card for the history (20 minutes; DAY='--hours 3 home')
	@mkdir -p build
	$(BIN)/python -m tools.history_day $(DAY)

recorder-day: setup ## Count what a day of simulated air puts on the card as recordings (20 minutes; DAY='--mode all --hours 3 home')
	@mkdir -p build
	$(BIN)/python -m tools.recorder_day $(DAY)

daemon-day: setup ## Let a day of simulated air pass by the daemon with every module on, and watch its memory, descriptors, threads, files and tables (20 minutes; DAY='--hours 3 home')
	$(BIN)/python -m tests.process.daemon_day $(DAY)

fuzz: setup ## Fuzz what reads frames, files, messages, requests and settings, guided by coverage (10 minutes; MINUTES=60, FUZZ='--keep frames')
	$(BIN)/python -c "import atheris" 2> /dev/null || $(PINNED) requirements/fuzz.txt
	$(BIN)/python -m tests.fuzz --minutes $(or $(MINUTES),10) $(FUZZ)

torture: setup ## Inject every fault of docs/reliability.md, for 25 minutes at most (TORTURE=clients: those rows)
	$(BIN)/python -m tools.torture $(TORTURE)

torture-calls: setup ## Fail 150 I/O calls of the daemon, one in each session, and look for what it promised (half an hour; CALLS='--skip 150' for the next ones)
	$(BIN)/python -m tests.process.failing_calls --calls 150 --minutes 90 $(CALLS)

torture-recorder: setup ## Kill the daemon 1,000 times while it records, and look for what it promised (an hour; needs root; TORTURE='--kills 50')
	@tools/apt-install $(APT_BENCH)
	$(BIN)/python -m tests.process.recorder_torture $(TORTURE)

torture-history: setup ## Kill history and watcher 1,000 times while alerts are acknowledged, and look for them (an hour; TORTURE='--kills 50')
	$(BIN)/python -m tests.process.history_torture $(TORTURE)

torture-journal: ## Pull the plug on journald 50 times with our settings, and count what is left (2 minutes; needs root)
	tests/power/journal.sh 50

torture-power: setup ## Cut the power of a virtual machine 50 times while it records and alerts, and look (an hour; needs root; TORTURE='--cuts 5')
	@tools/apt-install $(APT_BENCH)
	tests/vm/build.sh build/vm
	$(BIN)/python -m tests.power.torture build/vm $(TORTURE)

fleet: setup ## 50 devices, 10,000 alerts and one broker that is killed, slow, and has a wrong certificate (minutes)
	$(BIN)/python -m tests.modules.fleet_load 50 200

overload: setup ## Flood the daemon at a Pi Zero's share of the processor: its answers, keys and memory (4 minutes; needs root and a quiet machine)
	$(BIN)/python -m tests.process.overload $(OVERLOAD)

test-armel: setup ## Test on 32-bit ARM under qemu-arm, in that root of Debian armel, what reads octets (half an hour or more; needs root; ARMEL=tests/bus for a part)
	@tools/apt-install $(APT_ICOUNT)
	$(BIN)/python -m tools.armel_tests $(ARMEL)

mutate: setup ## Change 60 things in each of four packages, and count those that a file's own test notices (half an hour; MUTATE='--seed 2 bus')
	$(BIN)/python -c "import cosmic_ray" 2> /dev/null || $(PINNED) requirements/mutate.txt
	$(BIN)/python -m tools.mutate $(MUTATE)

icount: setup ## Count ARM1176 instructions under qemu-arm (minutes; builds an armel root the first time; needs root)
	@tools/apt-install $(APT_ICOUNT)
	$(BIN)/python -m tools.icount

deb: ## Build the Debian package, build/deb/whimbrel_VERSION_all.deb
	@tools/apt-install $(APT_DEB)
	deploy/build-deb build/deb

test-deb: deb ## Install, use, upgrade and purge that package in clean Debian 12 and 13 systems, and look up what it needs on each ARM (minutes; needs root)
	@tools/apt-install $(APT_TEST_DEB)
	lintian --fail-on error,warning --pedantic build/deb/*.deb
	deploy/build-deb build/deb-test/again && cmp build/deb/*.deb build/deb-test/again/*.deb
	tests/deploy/chroot/depends.sh build/deb/*.deb build/deb-depends
	tests/deploy/chroot/run.sh build/deb/*.deb build/deb-test

# A folder of deploy/image/boards: what an image is for.
BOARD ?= zero-w
BOARDS := $(notdir $(wildcard deploy/image/boards/*))
MAKE_IMAGE = BOARD=$(1) deploy/image/build.sh build/image/$(1) "$$(ls -t build/deb/whimbrel_*_all.deb | head -n 1)"

image: deb ## Make the SD card image for a Pi Zero W (BOARD=zero2w: for Zero 2 W, 3, 4), build/image/zero-w/whimbrel.img (minutes; a quarter of an hour the first time)
	@tools/apt-install $(APT_IMAGE)
	$(call MAKE_IMAGE,$(BOARD))
	deploy/image/compress.sh build/image/$(BOARD)

release: setup ## Put package, images, checksums, signature, contents and notes into build/release (RELEASE_URL=, RELEASE_GPG_KEY in the environment)
	$(BIN)/python -m tools.release --check build/release --url "$(RELEASE_URL)"
	$(foreach board,$(BOARDS),$(MAKE) image BOARD=$(board) &&) true
	rm -rf build/release
	SOURCE_DATE_EPOCH="$$(git log -1 --format=%ct)" $(BIN)/python -m tools.release build/release --url "$(RELEASE_URL)"

e2e-pi: setup deb ## Start that image on an emulated Pi Zero W: does all of it work, and what does it cost there (half an hour)
	@tools/apt-install $(APT_IMAGE) $(APT_PI)
	$(call MAKE_IMAGE,zero-w)
	$(BIN)/python -m tests.pi zero-w build/image/zero-w build/pi

e2e-zero2w: setup deb ## Start the image of the Zero 2 W on an emulated Pi 3, as far as that goes (docs/hardware.md says how far; half an hour)
	@tools/apt-install $(APT_IMAGE) $(APT_PI)
	$(call MAKE_IMAGE,zero2w)
	$(BIN)/python -m tests.pi zero2w build/image/zero2w build/pi-zero2w

test-radio: setup ## Test the radio's drivers on a real kernel: simulated radios in a virtual machine (minutes; needs root)
	tests/vm/run.sh build/vm radio

e2e: setup deb ## Test the package on a real systemd with keys, screen, access points, an attack, in that machine (minutes; needs root)
	tests/vm/run.sh build/vm e2e "$$(ls -t build/deb/whimbrel_*_all.deb | head -n 1)"

clean: ## Remove what was built
	rm -rf build .venv .hypothesis .pytest_cache .mypy_cache .ruff_cache src/*.egg-info
