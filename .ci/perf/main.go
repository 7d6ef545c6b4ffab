// Command perf runs the benchmarks that answer the project's performance goals and
// prints what they measured as a Markdown table, one row for each goal:
//
//	go run ./.ci/perf
//
// Every ratio comes from two loops that took turns in one process; figures in
// nanoseconds and seconds are this machine's, now.
package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
)

// suite is one call of go test.
type suite struct{ pkg, bench, time, cpu string }

func suites() []suite {
	return []suite{
		{"./sim", "W1|Faults|Contracts|Trace|FullTrace|Timers|Procs$", "2s", "2"},
		{"./sim", "Hour", "1x", "2"},
		{"./sim", "Rivals", "2s", "1"},
		{"./sim", "Nodes|QueueGrowth", "2s", "2"},
		{"./sim", "Memory|ProcMemory", "1x", "2"},
		{"./sim", "Parallel|Processors", "2s", "2"},
		{"./nodes/kv", "W2", "10x", "1"},
		{"./scenarios", "Hunt", "5x", "2"},
	}
}

// row is one goal: what it asks for and which metrics answer it.
type row struct {
	what, goal, bench, metric, format string
}

func rows() []row {
	return []row{
		{"kernel, handlers and hash on, pooled messages", "≤ 1.5× the bare loop", "W1", "ratio:handlers", "%.2f×"},
		{"the same in ns per event", "", "W1", "ns/event:handlers", "%.0f ns"},
		{"the bare loop in ns per event", "", "W1", "ns/event:bare", "%.0f ns"},
		{"with a rule in force on every link", "≤ 1.5×", "Faults", "ratio:faults", "%.2f×"},
		{"messages as plain values in interfaces", "≤ 2×", "W1Any", "ratio:any", "%.2f×"},
		{"W1, whole hour, counted: over the bare loop", "≤ 1.5×", "Hour", "ratio:handlers", "%.2f×"},
		{"the same in CPU seconds", "", "Hour", "cpu-s:handlers", "%.2f s"},
		{"the bare loop's hour", "", "Hour", "cpu-s:bare", "%.2f s"},
		{"W1 in testing/synctest, over the kernel", "≥ 20×", "Rivals", "ratio:synctest", "%.1f×"},
		{"W1 on a kernel as commonly written, over the kernel", "≥ 20×", "Rivals", "ratio:naive", "%.1f×"},
		{"the contracts alone, written out as one loop", "≤ 1.5×", "Contracts", "ratio:contracts", "%.2f×"},
		{"trace hash, over that loop without a trace", "≤ 1.05×", "Trace", "ratio:hash", "%.2f×"},
		{"hash and flight ring", "≤ 1.10×", "Trace", "ratio:ring", "%.2f×"},
		{"hash, ring and every record", "≤ 1.40×", "Trace", "ratio:full", "%.2f×"},
		{"full trace of the kernel, over the kernel", "≤ 1.40×", "FullTrace", "ratio:full", "%.2f×"},
		{"bytes per event of a full trace", "≤ 16", "FullTrace", "bytes/event", "%.1f"},
		{"coroutine nodes", "≤ 140 ns/event", "Procs", "ns/event:coroutines", "%.0f ns"},
		{"bytes per coroutine", "≤ 4 KB", "ProcMemory", "bytes/coroutine", "%.0f"},
		{"re-arming a timer in the ordinary pattern", "≤ 1.2×", "Timers", "ratio:rearming", "%.2f×"},
		{"nodes 5 → 100", "≤ 1.2×", "Nodes/100", "ratio:100", "%.2f×"},
		{"nodes 5 → 1,000", "≤ 1.8×", "Nodes/1000", "ratio:1000", "%.2f×"},
		{"nodes 5 → 10,000", "≤ 3×", "Nodes/10000", "ratio:10000", "%.2f×"},
		{"queue, 64 pending: ns per pop and push", "", "QueueGrowth", "ns/event:64", "%.0f ns"},
		{"queue, 64 → 1k pending", "≤ 1.3×", "QueueGrowth", "ratio:1k", "%.2f×"},
		{"queue, 64 → 1M pending", "≤ 8×", "QueueGrowth", "ratio:1M", "%.2f×"},
		{"bytes of a world of 5 after a hundred events", "≤ 64 KB", "Memory", "bytes/world-of-5", "%.0f"},
		{"bytes per node at 10,000 with 64 peers each", "≤ 8 KB", "Memory", "bytes/node-of-10000", "%.0f"},
		{"two worlds at once, equal hashes", "≥ 1.8×", "Parallel", "ratio:one-by-one", "%.2f×"},
		{"the same with two bare loops: what two processors give now", "", "Processors", "ratio:one-by-one", "%.2f×"},
		{"hunt -j 2 over -j 1", "≥ 1.8×", "Hunt", "ratio:j2", "%.2f×"},
		{"raft seeds per second, two workers", "", "Hunt", "runs/s:j2", "%.0f"},
		{"W2, 10,000 operations: CPU seconds to simulate", "≤ 0.12", "W2", "cpu-s/op", "%.3f"},
		{"W2: to judge its history", "≤ 0.03", "W2Check", "cpu-s/op", "%.3f"},
		{"W2: simulated with R1–R10 after every event, and judged", "≤ 0.17 (12 runs/s on 2 cores)", "W2Checked", "cpu-s/op", "%.3f"},
	}
}

func main() {
	measured := map[string]float64{}
	for _, s := range suites() {
		if err := s.run(measured); err != nil {
			fmt.Fprintln(os.Stderr, "perf:", err)
			os.Exit(1)
		}
	}
	fmt.Println("| | Goal | Measured |\n|---|---|---|")
	for _, r := range rows() {
		value, ok := measured[r.bench+" "+r.metric]
		if !ok {
			fmt.Fprintf(os.Stderr, "perf: Benchmark%s printed no %s\n", r.bench, r.metric)
			os.Exit(1)
		}
		fmt.Printf("| %s | %s | %s |\n", r.what, r.goal, fmt.Sprintf(r.format, value))
	}
}

// run enters a suite's metrics under "Benchmark metric": the median of three.
func (s suite) run(measured map[string]float64) error {
	cmd := exec.Command("go", "test", s.pkg, "-run", "^$", "-bench", "^Benchmark("+s.bench+")", "-benchtime", s.time, "-cpu", s.cpu, "-count", "3")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%v: %w\n%s", cmd.Args, err, out)
	}
	all := map[string][]float64{}
	for line := range bytes.Lines(out) {
		fields := strings.Fields(string(line))
		if len(fields) < 2 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		name := strings.TrimSuffix(strings.TrimPrefix(fields[0], "Benchmark"), "-"+s.cpu)
		for i := 2; i+1 < len(fields); i += 2 {
			x, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				return fmt.Errorf("%q: %w", line, err)
			}
			all[name+" "+fields[i+1]] = append(all[name+" "+fields[i+1]], x)
		}
	}
	for key, xs := range all {
		slices.Sort(xs)
		measured[key] = xs[len(xs)/2]
	}
	return nil
}
