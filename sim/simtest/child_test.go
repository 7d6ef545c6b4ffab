package simtest

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"distsim/checker/spec"
	"distsim/faults"
	"distsim/sim"
)

// Tests that must fail run in a process of their own, in a module of their own.

// TestInChild is what that process runs: the system that the variable names.
func TestInChild(t *testing.T) {
	name := os.Getenv("SIMTEST_SYSTEM")
	if name == "" {
		t.Skip("run by other tests")
	}
	s := systems[name]
	if s.build == nil {
		t.Fatalf("there is no system %q", name)
	}
	if s.check {
		Check(t, s.cfg, func(w *sim.World) { s.build(t, w) })
		return
	}
	Run(t, s.cfg, s.build)
}

// system is something to test in a child process.
type system struct {
	cfg   Config
	build func(t *testing.T, w *sim.World)
	check bool // by Check, not by Run
}

// storm is a world in which the server crashes now and then.
var storm = Config{
	Seeds: 20,
	Net:   sim.NetConfig{Latency: sim.Uniform(time.Millisecond, 5*time.Millisecond)},
	Disk:  sim.DiskConfig{Sync: sim.Fixed(time.Millisecond)},
	Faults: faults.Model{
		Kinds: []faults.Kind{"crash"}, MaxDown: 1,
		Least: 10 * time.Millisecond, Most: 40 * time.Millisecond,
	},
	Chaos: 200 * time.Millisecond,
	Judge: Linearizable(spec.Register[byte](0)),
}

// bolt is storm with one crash, the same in every run, between two reads.
func bolt() Config {
	cfg := storm
	cfg.Script = []faults.Entry{{
		Fault: faults.Crash{Target: faults.Aim(faults.Any)}, At: sim.Time(20 * time.Millisecond), For: 5 * time.Millisecond,
	}}
	return cfg
}

// calm is storm without crashes.
func calm() Config {
	cfg := storm
	cfg.Faults = faults.Model{}
	return cfg
}

// sideBySide is calm, with seeds in parallel.
func sideBySide() Config {
	cfg := calm()
	cfg.Parallel = true
	return cfg
}

var systems = map[string]system{
	"forgetful":        {cfg: bolt(), build: serve(forgetful)},
	"durable":          {cfg: bolt(), build: serve(durable)},
	"in a storm":       {cfg: storm, build: serve(durable)},
	"panicking":        {cfg: calm(), build: serve(func() sim.Node { return grumpy{} })},
	"failing itself":   {cfg: calm(), build: failItself},
	"failing in build": {cfg: calm(), build: func(t *testing.T, w *sim.World) { t.Fatal("no such system") }},
	"unsteady":         {cfg: calm(), build: unsteady()},
	"misscripted":      {cfg: Config{Script: []faults.Entry{{Fault: faults.Crash{Target: faults.On(sim.Server(7))}}}}, build: serve(durable)},
	"panicking check":  {cfg: judging(absent(), nil), build: serve(durable)},
	"panicking judge":  {cfg: judging(nil, firstResult), build: serve(durable)},

	"check that ends the test": checkThatEnds(),
	"in parallel":              {cfg: sideBySide(), build: serve(durable)},
	"traced":                   {cfg: traced(), build: serve(durable)},
	"mistyped":                 {cfg: under(faults.Model{Kinds: []faults.Kind{"crsh"}, MaxDown: 1}), build: serve(durable)},
	"without servers":          {cfg: storm, build: func(_ *testing.T, w *sim.World) { addReader(w, 3) }},
	"no seeds":                 {cfg: Config{Seeds: -1}, build: serve(durable)},

	"forgetful under any plan": {storm, serve(forgetful), true},
	"durable under any plan":   {storm, serve(durable), true},
	"scripted under any plan":  {bolt(), serve(durable), true},
	"panicking under any plan": {judging(absent(), nil), serve(durable), true},
	"mistyped under any plan":  {under(faults.Model{Kinds: []faults.Kind{"crsh"}, MaxDown: 1}), serve(durable), true},
	"dwindling":                {storm, dwindling(), true},
}

func forgetful() sim.Node { return &memory{} }
func durable() sim.Node   { return &memory{durable: true} }

type (
	ask    = spec.RegisterOp[byte]
	answer = spec.RegisterResult[byte]
)

// memory is a register; unless it is durable, a crash forgets its value.
type memory struct {
	value   byte
	durable bool
}

func (r *memory) Step(env *sim.Env, _ sim.NodeID, m sim.Message) {
	f := env.File("value")
	switch m := m.(type) {
	case sim.Boot:
		if f.Size() > 0 {
			r.value = f.Bytes()[0]
		}
	case ask:
		if m.Access == spec.Read {
			env.Reply(env.ReplyTo(), answer{Value: r.value})
			return
		}
		r.value = m.Value
		if r.durable {
			f.WriteAt(0, []byte{r.value})
			f.Sync()
			env.SyncDir()
		}
		env.Reply(env.ReplyTo(), answer{OK: true})
	}
}

// grumpy panics at the third request.
type grumpy struct{}

func (grumpy) Step(_ *sim.Env, _ sim.NodeID, m sim.Message) {
	if op, ok := m.(ask); ok && op.Value == 3 {
		loseTemper()
	}
}

func loseTemper() { panic("three is too many") }

// serve is one server and a client that writes 1, 2 and 3, and reads each
// three times.
func serve(server func() sim.Node) func(*testing.T, *sim.World) {
	return func(_ *testing.T, w *sim.World) {
		w.AddServer(server)
		addReader(w, 3)
	}
}

// addReader adds the client of serve.
func addReader(w *sim.World, writes byte) {
	w.AddClient(sim.Go(func(p *sim.Proc) {
		for n := byte(1); n <= writes; n++ {
			request(p, ask{Access: spec.Write, Value: n})
			for range 3 {
				request(p, ask{Access: spec.Read})
			}
		}
	}))
}

func request(p *sim.Proc, op ask) {
	called := p.Invoke(p.NextOp(), op)
	a, ok := sim.Call[answer](p, sim.Server(1), op, 20*time.Millisecond)
	if !ok {
		called.Unknown("no answer")
		return
	}
	called.OK(a)
	p.Sleep(5 * time.Millisecond)
}

// failItself ends the test from inside a Proc.
func failItself(t *testing.T, w *sim.World) {
	w.AddServer(func() sim.Node { return &memory{} })
	w.AddClient(sim.Go(func(p *sim.Proc) {
		p.Sleep(12 * time.Millisecond)
		t.Fatalf("the client has had enough")
	}))
}

// dwindling has three servers once, and then one: what was counted is not what runs.
func dwindling() func(*testing.T, *sim.World) {
	servers := 3
	return func(_ *testing.T, w *sim.World) {
		for range servers {
			w.AddServer(durable)
		}
		servers = 1
		addReader(w, 3)
	}
}

// unsteady lets every world see how many there were before it.
func unsteady() func(*testing.T, *sim.World) {
	worlds := 0
	return func(_ *testing.T, w *sim.World) {
		worlds++
		pause := time.Duration(worlds) * time.Millisecond
		w.AddServer(func() sim.Node { return grumpy{} })
		w.AddClient(sim.Go(func(p *sim.Proc) {
			p.Sleep(pause)
			request(p, ask{Access: spec.Write, Value: 3})
		}))
	}
}

// module is a module with one package, for children to run in.
type module struct{ root, dir string }

func newModule(t *testing.T) module {
	root := t.TempDir()
	m := module{root, filepath.Join(root, "store")}
	write(t, filepath.Join(root, "go.mod"), "module example.com/app\n")
	if err := os.Mkdir(m.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return m
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// run runs a system in a child process, with variables such as SIM_SEED=7.
func (m module) run(t *testing.T, system string, env ...string) (output string, passed bool) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestInChild$", "-test.v", "-test.timeout=60s")
	cmd.Dir = m.dir
	cmd.Env = append(withoutSim(os.Environ()), append(env, "SIMTEST_SYSTEM="+system)...)
	out, err := cmd.CombinedOutput()
	if errors.Is(err, syscall.ENOEXEC) {
		t.Skipf("this kernel cannot start a program for %s by itself", runtime.GOARCH)
	}
	return string(out), err == nil
}

// withoutSim keeps the variables of the outer test out of the inner one.
func withoutSim(env []string) []string {
	var out []string
	for _, e := range env {
		if !strings.HasPrefix(e, "SIM_") {
			out = append(out, e)
		}
	}
	return out
}

// fails runs a system that must fail and say all of some texts.
func (m module) fails(t *testing.T, system, env string, want ...string) string {
	t.Helper()
	output, passed := m.run(t, system, strings.Fields(env)...)
	if passed {
		t.Errorf("%s, with %q: it passes", system, env)
	}
	contains(t, output, want...)
	return output
}

// passes runs a system that must pass and say all of some texts.
func (m module) passes(t *testing.T, system, env string, want ...string) string {
	t.Helper()
	output, passed := m.run(t, system, strings.Fields(env)...)
	if !passed {
		t.Errorf("%s, with %q: it fails", system, env)
	}
	contains(t, output, want...)
	return output
}

func contains(t *testing.T, output string, want ...string) {
	t.Helper()
	var missing []string
	for _, w := range want {
		if !strings.Contains(output, w) {
			missing = append(missing, w)
		}
	}
	if len(missing) > 0 {
		t.Errorf("the output lacks %q:\n%s", missing, output)
	}
}

// plans lists the plan files of the child's test.
func (m module) plans(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(m.dir, "testdata", "sim", "TestInChild", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range files {
		files[i] = filepath.Base(files[i])
	}
	return files
}

var subtest = regexp.MustCompile(`=== RUN +TestInChild/(\S+)`)

// subtests lists what a child ran, in order.
func subtests(output string) string {
	var names []string
	for _, m := range subtest.FindAllStringSubmatch(output, -1) {
		names = append(names, m[1])
	}
	return strings.Join(names, " ")
}
