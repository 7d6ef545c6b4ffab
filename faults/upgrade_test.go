package faults_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"distsim/faults"
	"distsim/sim"
)

// The protocol here is a register in two versions: each server keeps the largest
// number it knows, adds one every 10 ms and tells the others. On disk and between
// servers version 1 writes "7"; version 2 writes "v2:7", and reads both. Version 1
// cannot read that: it drops such a message, and refuses to start on such a file.
type (
	register struct {
		version int
		largest int
	}
	largest string
)

func (r *register) Step(env *sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case sim.Boot:
		text := string(env.File("largest").Bytes())
		if text == "" {
			text = "0"
		}
		n, err := r.read(text)
		if err != nil {
			env.Fatal("%v", err)
			return
		}
		r.largest = n
		env.Arm(tick{}, 10*time.Millisecond)
	case tick:
		env.Arm(tick{}, 10*time.Millisecond)
		r.largest++
		r.save(env)
		for _, to := range env.Servers() {
			if to != env.ID() {
				env.Send(to, largest(r.text()))
			}
		}
	case largest:
		n, err := r.read(string(m))
		if err != nil {
			env.Reached("a message from the future")
			return
		}
		r.largest = max(r.largest, n)
	}
}

func (r *register) text() string {
	if r.version == 2 {
		return fmt.Sprintf("v2:%d", r.largest)
	}
	return fmt.Sprint(r.largest)
}

func (r *register) read(text string) (n int, err error) {
	number, isNew := strings.CutPrefix(text, "v2:")
	if isNew && r.version == 1 {
		return 0, fmt.Errorf("version 1 cannot read %q", text)
	}
	_, err = fmt.Sscan(number, &n)
	return n, err
}

func (r *register) save(env *sim.Env) {
	f := env.File("largest")
	f.Truncate(0)
	f.Append([]byte(r.text()))
	f.Sync()
	env.SyncDir()
}

func (r *register) View(v *sim.View) { v.Int("largest", int64(r.largest)) }

func registers(t *testing.T) *sim.World {
	w := sim.New(sim.Config{Records: true, Net: sim.NetConfig{Latency: sim.Fixed(time.Millisecond)}})
	t.Cleanup(w.Close)
	for range 3 {
		id := w.AddServer(func() sim.Node { return &register{version: 1} })
		w.AddBuild(id, "v2", func() sim.Node { return &register{version: 2} })
	}
	return w
}

func move(id int, to string, from, until sim.Time) faults.Entry {
	return between(from*ms, until*ms, faults.Upgrade{Target: faults.On(n(id)), To: to})
}

func numberOf(w *sim.World, id sim.NodeID) int64 {
	x, _ := w.ViewOf(id).Get("largest")
	return x.Int
}

// A rolling upgrade: one machine after the other, none forgets anything, and while
// they are mixed the old ones cannot read what the new ones say.
func TestRollingUpgrade(t *testing.T) {
	w := registers(t)
	in := install(t, w, move(1, "v2", 100, 150), move(2, "v2", 200, 250), move(3, "v2", 300, 350))
	w.RunUntil(280 * ms)
	mixed := w.Reached()["a message from the future"]
	if builds := strings.Join([]string{w.Build(n(1)), w.Build(n(2)), w.Build(n(3))}, " "); builds != "v2 v2 v1" || mixed == 0 {
		t.Errorf("at 280ms the builds are %s, and the old ones could not read %d messages", builds, mixed)
	}
	w.RunUntil(400 * ms)
	late := w.Reached()["a message from the future"]
	in.HealAll()
	w.Crash(n(2), sim.LoseAll) // whatever comes, it stays on its build
	w.Restart(n(2))
	w.RunUntil(600 * ms)
	if got := w.Reached()["a message from the future"]; got != late {
		t.Errorf("%d messages from the future after the last upgrade", got-late)
	}
	for _, id := range w.Servers() {
		if got := numberOf(w, id); w.Build(id) != "v2" || got < 55 {
			t.Errorf("%v has build %s and number %d, want v2 and 55 or more", id, w.Build(id), got)
		}
	}
}

// A downgrade finds what the newer build has written, and refuses to start; the way
// forward is the newer build again, with nothing lost.
func TestADowngradeCannotReadTheNewFormat(t *testing.T) {
	w := registers(t)
	in := install(t, w, move(1, "v2", 100, 150), move(1, "v1", 300, 350), move(1, "v2", 500, 550))
	w.RunUntil(450 * ms)
	if !w.Halted(n(1)) {
		t.Error("at 450ms version 1 runs on what version 2 has written")
	}
	halts := 0
	for _, r := range w.Trace().Records() {
		if r.Kind == sim.KindHalt && strings.HasPrefix(r.Text, `version 1 cannot read "v2:`) {
			halts++
		}
	}
	if halts != 1 {
		t.Errorf("n1 has said %d times that it cannot read its file, want once", halts)
	}
	before := w.Durable(n(1), "largest")
	w.RunUntil(550 * ms)
	if got := fmt.Sprintf("v2:%d", numberOf(w, n(1))); !w.Up(n(1)) || got != string(before) {
		t.Errorf("back on version 2 n1 starts with %s, want %s", got, before)
	}
	in.HealAll()
	w.RunUntil(700 * ms)
	if !w.Up(n(1)) || numberOf(w, n(1)) < 65 {
		t.Errorf("at 700ms n1 is up: %v, with number %d", w.Up(n(1)), numberOf(w, n(1)))
	}
}

// A downgrade before the new build has written anything is harmless; HealAll takes
// no machine back to its old build.
func TestUpgradesStay(t *testing.T) {
	w := registers(t)
	in := install(t, w, move(1, "v2", 100, 105), move(1, "v1", 107, 150), move(2, "v2", 200, 900))
	w.RunUntil(300 * ms)
	if w.Build(n(1)) != "v1" || !w.Up(n(1)) || w.Up(n(2)) {
		t.Errorf("n1 has build %s and is up: %v; n2 is up: %v", w.Build(n(1)), w.Up(n(1)), w.Up(n(2)))
	}
	in.HealAll()
	w.RunUntil(400 * ms)
	if w.Build(n(2)) != "v2" || !w.Up(n(2)) {
		t.Errorf("after HealAll n2 has build %s and is up: %v", w.Build(n(2)), w.Up(n(2)))
	}
}
