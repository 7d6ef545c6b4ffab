package sim

import (
	"strings"
	"testing"
)

// versions is n1 with builds v1, v2 and v3, which all log their name when they boot.
func versions(t *testing.T) (*World, *inboxLog) {
	w := testWorld(t, Config{Records: true})
	log := &inboxLog{}
	named := func(name string) func() Node { return onBoot(func(*Env) { log.add(w, name) }) }
	w.AddServer(named("v1"))
	w.AddBuild(Server(1), "v2", named("v2"))
	w.AddBuild(Server(1), "v3", named("v3"))
	return w, log
}

// An upgrade is of the next incarnations: the running one goes on, and all that
// follow stay on the build until another upgrade.
func TestUpgradeIsOfLaterIncarnations(t *testing.T) {
	w, log := versions(t)
	restart := func() {
		w.Crash(Server(1), KeepAll)
		w.Restart(Server(1))
		w.RunUntil(w.Now() + 1)
	}
	w.RunUntil(1)
	w.Upgrade(Server(1), "v3")
	w.RunUntil(2)
	equal(t, "booted", log.String(), "v1")
	equal(t, "next", w.Build(Server(1)), "v3")
	restart()
	restart()
	w.Upgrade(Server(1), "v2")
	restart()
	w.Upgrade(Server(1), FirstBuild)
	w.Upgrade(Server(1), FirstBuild) // changes nothing: no record
	restart()
	equal(t, "booted", log.String(), "v1 v3 v3 v2 v1")
	equal(t, "records of upgrades", len(ofKind(w, KindUpgrade)), 3)
	equal(t, "builds", strings.Join(w.Builds(Server(1)), " "), "v1 v2 v3")
}

func TestAMachineWithOneBuild(t *testing.T) {
	w := testWorld(t, Config{})
	w.AddServer(idle)
	w.Upgrade(Server(1), FirstBuild)
	equal(t, "build", w.Build(Server(1)), FirstBuild)
	equal(t, "builds", strings.Join(w.Builds(Server(1)), " "), FirstBuild)
}

func TestBuildsThatAreNone(t *testing.T) {
	w, _ := versions(t)
	for what, f := range map[string]func(){
		"n1 has no build v4; it has [v1 v2 v3]": func() { w.Upgrade(Server(1), "v4") },
		"n1 has two builds called v2":           func() { w.AddBuild(Server(1), "v2", idle) },
		"a build of n1 has no name":             func() { w.AddBuild(Server(1), "", idle) },
		"build v4 of n1 has no function":        func() { w.AddBuild(Server(1), "v4", nil) },
	} {
		if text := panics(t, what, f); !strings.Contains(text, what) {
			t.Errorf("it says %q, want %q", text, what)
		}
	}
}

// A world that is reset has forgotten the builds of the one before.
func TestResetForgetsBuilds(t *testing.T) {
	w, _ := versions(t)
	w.Upgrade(Server(1), "v2")
	w.Reset(Config{})
	w.AddServer(idle)
	equal(t, "build", w.Build(Server(1)), FirstBuild)
	equal(t, "builds", len(w.Builds(Server(1))), 1)
}
