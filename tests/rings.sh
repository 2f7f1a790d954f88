# rings.sh - what tests/run runs: one table, and a function per kind of ring. Sourced by tests/run.
# shellcheck shell=bash
#
# A ring leaves its counts by calling `count PASSED FAILED`, or by ending with a line "N passed, N failed" (counted by `script`).
# Whatever it prints goes to var/tests/log/RING.log.

# name | what it shows | command
# shellcheck disable=SC2034  # read by tests/run
RINGS=(
	"lint       | the promises of the tree: ranks, lengths, SQL in one place, keys, scripts | script tests/lint/run"
	"openapi    | the description of the API: linted, and the same routes, rights and errors  | script tests/openapi/run"
	"unit       | pure modules as tables, normal build                                     | unit normal"
	"scenario   | the engine on a fake clock and a scripted gateway, with and without restarts | scenario normal"
	"rig        | the rig itself: bearerbox, smsbox, message centre, lossy proxies        | rig"
	"e2e        | the daemon with a real bearerbox and smsbox                              | e2e normal"
	"unit-asan  | the same units under AddressSanitizer and UBSan                          | unit asan"
	"scenario-asan | the same scenarios under AddressSanitizer and UBSan                   | scenario asan"
	"e2e-asan   | the same end-to-end under AddressSanitizer and UBSan                     | e2e asan"
	"unit-tsan  | the same units under ThreadSanitizer                                     | unit tsan"
	"scenario-tsan | the same scenarios under ThreadSanitizer                              | scenario tsan"
	"e2e-tsan   | the same end-to-end under ThreadSanitizer                                | e2e tsan"
	"kills      | kill -9 while people approve texts: nothing lost, twice or unapproved    | kills"
	"fuzz       | parsers of what others write, a short seeded share                       | fuzz"
	"distcheck  | the tarball builds, checks, installs and uninstalls by itself            | distcheck"
)

# ---- builds

declare -A CONFIGURE=(
	[normal]=""
	[faults]="--enable-faults"
	[asan]="--enable-faults --enable-sanitizers"
	[tsan]="--enable-faults --enable-sanitizers=thread"
)
export ASAN_OPTIONS=abort_on_error=1:detect_stack_use_after_return=1:strict_string_checks=1
export UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS="halt_on_error=1:second_deadlock_stack=1:suppressions=$ROOT/tests/tsan.supp"
export LSAN_OPTIONS="suppressions=$ROOT/tests/lsan.supp:print_suppressions=0"

# built KIND - build everything of that kind, tests included; BUILD is where
built() {
	BUILD=$WORK/build-$1
	# shellcheck disable=SC2086  # a list of options
	configure_in "$BUILD" ${CONFIGURE[$1]}
	as_owner make -s -C "$BUILD" -j"$JOBS" all
	as_owner make -s -C "$BUILD" -j"$JOBS" check TESTS=
}

# ---- kinds of rings

# script COMMAND… - a program whose last line is "N passed, N failed"
script() {
	local line
	as_owner env HANDBOX_SEED="$SEED" HANDBOX_LONG="$LONG" "$@" 2>&1 | as_owner tee "$WORK/script.out" || true
	line=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$WORK/script.out" | tail -n 1)
	[ -n "$line" ] || return 1
	line=${line% failed}
	count "${line%% *}" "${line##* }"
}

# unit BUILD - make check; counts the tests inside each cmocka program
unit() {
	built "$1"
	as_owner make -C "$BUILD" -j"$JOBS" check || true
	[ -e "$BUILD/test-suite.log" ] || return 1
	local trs program passed failed
	for trs in "$BUILD"/tests/unit/*.trs; do
		program=${trs%.trs}
		passed=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test(s)\.$/\1/p' "$program.log" | tail -n 1)
		failed=$(sed -n 's/^\[  FAILED  \].* \([0-9]*\) test(s).*/\1/p' "$program.log" | head -n 1)
		# A program that died, or was never run, has not said so itself.
		if ! grep -q '^:test-result: PASS' "$trs" && [ "${failed:-0}" = 0 ]; then
			failed=1
			printf '\n--- %s\n' "$program"
		fi
		[ "${failed:-0}" = 0 ] || tail -n 40 "$program.log"
		if [ -z "${passed:-}" ] && [ "${failed:-0}" = 0 ]; then passed=1; fi
		count "${passed:-0}" "${failed:-0}"
	done
}

# scenario BUILD - every story of tests/scenario, once as it is and once with a restart before every line
scenario() {
	built "$1"
	script "$BUILD/tests/scenario/run"
	script "$BUILD/tests/scenario/run" --restarts
}

# e2e BUILD - pytest, with the daemon of that build; the rig's own tests need none and are a ring of their own. What is installed
# has no fault points: their tests run with the other builds.
e2e() {
	local which=()
	built "$1"
	[ -n "${CONFIGURE[$1]}" ] || which=(-m "not fault_points")
	pytest_in "$1" tests/e2e --ignore=tests/e2e/test_rig.py "${which[@]}"
}

rig() {
	BUILD=
	pytest_in rig tests/e2e/test_rig.py
}

# pytest_in NAME PATH… - pytest, a file per core at a time: they mostly wait; a skipped test counts as failed: nothing is left
# out in silence. Their folders lie where paths are short, wherever the clone is: the path of a unix socket has 107 bytes at most.
pytest_in() {
	local report=$WORK/pytest-$1.xml folders
	shift
	folders=$(as_owner mktemp -d)
	as_owner rm -f "$report"
	as_owner env HANDBOX_BUILD="$BUILD" HANDBOX_SEED="$SEED" HANDBOX_LONG="$LONG" PYTHONDONTWRITEBYTECODE=1 \
		/usr/bin/python3 -m pytest -q -n "$JOBS" --dist loadfile -p no:cacheprovider -rfEs --tb=short --durations=10 \
		--basetemp="$folders/t" --junitxml="$report" "$@" || true
	local counts
	counts=$(/usr/bin/python3 - "$report" <<-'END'
		import sys, xml.etree.ElementTree as tree
		suite = tree.parse(sys.argv[1]).getroot().find("testsuite")
		total, bad = int(suite.get("tests")), sum(int(suite.get(k)) for k in ("failures", "errors", "skipped"))
		print(max(total - bad, 0), bad)
	END
	) || return 1
	if [ "${counts#* }" = 0 ]; then
		as_owner rm -rf "$folders"
	else
		printf 'what the tests left: %s\n' "$folders"
	fi
	# shellcheck disable=SC2086  # two numbers
	count $counts
}

# kills - the daemon with fault points, killed again and again
kills() {
	built faults
	script env HANDBOX_BUILD="$BUILD" tests/fault/kill_loop.py
}

# fuzz - the library once more with clang, for libFuzzer
fuzz() {
	BUILD=$WORK/build-fuzz
	configure_in "$BUILD" CC=clang CXX=clang++ --disable-hardening \
		CFLAGS="-g -O1 -fsanitize=fuzzer-no-link,address,undefined" CXXFLAGS="-g -O1 -fsanitize=address,undefined"
	as_owner make -s -C "$BUILD" -j"$JOBS" libhandbox.a
	script tests/fuzz/run "$BUILD/libhandbox.a"
}

distcheck() {
	built normal
	if as_owner make -C "$BUILD" distcheck; then count 1 0; else count 0 1; fi
}
