package sim

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// mixedWorld has a bit of everything: the chaotic world on datagrams or
// streams, under partitions, delays and loss, slow machines, crashes and pauses in mid-step,
// an explored future.
func mixedWorld(seed uint64) *World { return mixedAgain(New(Config{}), seed) }

// mixedAgain is a mixed world in the memory of another.
func mixedAgain(w *World, seed uint64) *World {
	chaoticAgain(w, Config{Seed: seed, Fingerprint: true, FreezeCheck: true})
	w.net.cfg.FIFO = seed%2 == 1
	w.net.plain = false
	for i := range 4 {
		at := ms(60 + 250*i)
		w.At(at, func(w *World) {
			end := w.Disturb(LinkRule{Groups: [][]NodeID{{Server(1 + i%3)}, {Server(1 + (i+1)%3), Client(1)}}, Cut: true})
			w.After(ms(60), func(*World) { end() })
		})
		w.At(at+ms(70), func(w *World) {
			end := w.Slow(Server(1+i%3), Exponential(0, millis(1), millis(20)), "slow")
			w.After(ms(60), func(*World) { end() })
		})
		w.At(at+ms(100), func(w *World) {
			end := w.Disturb(LinkRule{To: []NodeID{Server(2)}, Loss: 300_000, Duplicate: 200_000, Delay: Exponential(0, millis(20), millis(200))})
			w.After(ms(90), func(*World) { end() })
		})
	}
	for k := range 6 {
		on := Identity{Subject: OfSync, Node: Server(1 + k%3), Name: "log", K: uint64(2 + k)}
		w.StrikeAt(Strike{On: on, Node: on.Node, Effect: 3, Pause: k%2 == 0, Model: TornTail}, func(w *World, struck bool) {
			if struck {
				w.FaultBegins(fmt.Sprintf("strike %d", k))
			}
			w.After(ms(50), func(w *World) { w.Restart(on.Node); w.Resume(on.Node) })
		})
	}
	for _, at := range Moments() {
		came := 0
		w.Lurk(at, "", func(w *World, node NodeID) bool {
			if came++; came%7 != 0 {
				return false
			}
			if came%2 == 0 && node.IsServer() {
				w.Crash(node, KeepPrefix)
			} else {
				w.Pause(node)
			}
			w.After(ms(15), func(w *World) { w.Restart(node); w.Resume(node) })
			return came > 100
		})
	}
	w.When(Identity{Subject: OfRecord, K: 2000}, func(w *World) { w.Reseed(seed + 1) })
	return w
}

// hashes runs a few mixed worlds and prints what must be equal everywhere.
func hashes(t testing.TB) string {
	var b strings.Builder
	for seed := range uint64(6) {
		w := mixedWorld(seed)
		w.RunUntil(chaoticEnd)
		w.Close()
		holds(t, w)
		fmt.Fprintf(&b, "%016x %016x %d; ", w.Hash(), w.trace.Fingerprint, w.trace.Len)
	}
	return b.String()
}

const kernelHashes = "../testdata/kernel_hashes.txt"

// TestKernelHashes pins what mixed worlds come to, on every platform: hash and
// fingerprint at the end, and the hash at every 1,024th record, so that the first
// line that differs says where to look. Fingerprints cover payloads and views.
func TestKernelHashes(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Runs of TestKernelHashes in sim. Rewritten by go test ./sim -run KernelHashes -update.\n")
	for seed := range uint64(6) {
		w := mixedWorld(seed)
		w.RunUntil(chaoticEnd)
		w.Close()
		holds(t, w)
		for i, h := range w.trace.Checkpoints {
			fmt.Fprintf(&b, "seed %d record %d hash %016x\n", seed, (i+1)*checkpointEvery, h)
		}
		fmt.Fprintf(&b, "seed %d end, of %d records, hash %016x fingerprint %016x\n", seed, w.trace.Len, w.Hash(), w.trace.Fingerprint)
	}
	equalFile(t, kernelHashes, b.String())
}

// TestPlatform says where the tests run; .ci/platforms puts it into its table.
func TestPlatform(t *testing.T) {
	order := "little-endian"
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		order = "big-endian"
	}
	t.Logf("platform: %s, %d bits, %s", runtime.GOARCH, strconv.IntSize, order)
}

const printHashes = "SIM_TEST_HASHES"

// The same plan gives the same hash: in two runs, in two processes, on one
// processor and on two.
func TestRunsAreDeterministic(t *testing.T) {
	here := hashes(t)
	if os.Getenv(printHashes) != "" {
		fmt.Printf("hashes: %s\n", here)
		return
	}
	equal(t, "hashes of the second run", hashes(t), here)
	for _, procs := range []string{"GOMAXPROCS=1", "GOMAXPROCS=2"} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestRunsAreDeterministic$")
		cmd.Env = append(os.Environ(), printHashes+"=1", procs)
		out, err := output(t, cmd)
		if err != nil {
			t.Fatalf("%s: %v\n%s", procs, err, out)
		}
		if !strings.Contains(string(out), "hashes: "+here) {
			t.Errorf("%s in another process: got\n%s\nwant %s", procs, out, here)
		}
	}
	seen := map[string]bool{}
	for _, h := range strings.SplitAfter(here, "; ") {
		if seen[h] {
			t.Errorf("two seeds gave %s", h)
		}
		seen[h] = true
	}
}
