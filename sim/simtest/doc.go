// Package simtest runs a simulated system in go test: every seed is a subtest,
// and a seed that fails leaves a plan which repeats the failure exactly.
//
//	func TestRegister(t *testing.T) {
//		cfg := simtest.Config{
//			Seeds:  200,
//			Net:    sim.NetConfig{Latency: sim.Uniform(time.Millisecond, 5*time.Millisecond)},
//			Disk:   sim.DiskConfig{Sync: sim.Fixed(5 * time.Millisecond)},
//			Faults: faults.Model{…}, // what may go wrong
//			Judge:  simtest.Linearizable(spec.Register(0)),
//		}
//		simtest.Run(t, cfg, func(t *testing.T, w *sim.World) {
//			w.AddServer(newRegister)
//			w.AddClient(sim.Go(client))
//		})
//	}
//
// A run has two phases. In chaos faults strike, until the clients are done or
// Config.Chaos is over. Then everything heals, and the clients have
// Config.Quiet to finish. At the end the properties are judged: the invariants
// that the callback added to the world (they were checked after every event),
// Config.Check, Config.Judge, that nothing panicked, that virtual time did not
// stand still, and what the test itself said by t.Error or t.Fatal, inside a
// Proc as well. A verdict that a checker could not reach fails too.
//
// A failing seed is written as a plan, with the faults it drew listed one by
// one, to testdata/sim/<Test>/seed-<N>.yaml, and no further seed is tried. The
// plans in that folder run first next time, and seeds only if all of them pass,
// so that a fix is judged at once by what it was made for; one that fails no
// more stays, as a regression test. Delete it when it has no more to say.
//
// The environment chooses what runs:
//
//	SIM_SEED=7       this seed only, and no plan of an earlier failure
//	SIM_SEEDS=1-500  these seeds only (500 means 1-500), and no such plan either
//	SIM_TIME=10m     one seed after the other for this long, from 1 or from
//	                 where SIM_SEEDS begins
//	SIM_PLAN=FILE    this plan only, with a full account of how it went
//
// Check is the same with plans in place of seeds: rapid draws them (Plans), and a
// plan that fails is shrunk to the few faults that matter before it is told and
// kept. Fuzz hands the drawing to go test -fuzz, and keeps plans likewise.
//
//	func TestRegisterUnderAnyPlan(t *testing.T) {
//		simtest.Check(t, cfg, func(w *sim.World) { … })
//	}
//
// Three folders may come about beside a test. Commit testdata/sim: plans say what
// happens, and outlive changes of code and model. Commit testdata/fuzz, the corpus that
// plain go test runs; its bytes are read as other plans once the model changes. Leave
// testdata/rapid out: the same bytes, of a failure whose plan is in testdata/sim.
//
// View, Trace and History are assertions that read as what they say, in tests and, by
// Asserts, as a Config.Check. Trace needs Config.Records.
//
//	simtest.View(t, w, n1).Want("role", "leader", "term", 3)
//	simtest.Trace(t, w).Sent("raft.Append").From(n1).Lost().Want(2)
//	simtest.History(t, w).By(c1).Unknown().None()
//
// A node shows itself to View, to invariants and in transcripts by a method of its own.
// By its field role (leader, primary or coordinator; follower, backup or participant)
// faults know whom to aim at; a holder is a server or client whose field section names the
// lock that it holds. An invariant is added where the world is built, and asked after every
// event about the node that it touched:
//
//	func (r *register) View(v *sim.View) { v.Int("value", int64(r.value)) }
//
//	w.AddInvariant(sim.Assert("small", func(w *sim.World, node sim.NodeID) error {
//		if f, shows := w.ViewOf(node).Get("value"); shows && f.Int > 100 {
//			return fmt.Errorf("%v holds %d", node, f.Int)
//		}
//		return nil
//	}))
//
// A kind of fault is drawn only under a model that has a bound for it; a kind without
// is an error, for the test would prove nothing about it. The other kinds need nothing.
//
//	loss: LossPPM of 1 or more
//	delay: Delay of 2ms or more
//	duplicate: DuplicatePPM of 1 or more
//	reorder: Window of 100µs or more
//	corrupt: CorruptPPM of 1 or more
//	bandwidth: Bandwidth of 1 or more
//	filter: Types of one or more
//	crash: MaxDown of 1 or more, CrashModels of one or more, or nil
//	pause, wipe, sync_fail, read_error, disk_full: MaxDown of 1 or more
//	slow: Slow of 100µs or more
//	upgrade: MaxDown of 1 or more, Builds of one or more
//	clock_drift: DriftPPM of 1 or more
//	clock_step: Step of 1ms or more
//	clock_offset: Offset of 1ms or more
//	clock_slew: Step of 1ms or more, SlewPPM of 1 or more, Most of 1ms/SlewPPM or more
//
// In a world with fewer servers a kind may find nothing to strike: majorities_ring
// needs four, bridge three, a partition two. That is an error if it is so of all kinds.
//
// Limits: the callback runs once for each seed or plan, and a failing one's again, to
// record it: it must build its world from nothing. State that several worlds
// share is not reset between them; with Config.Parallel it is a data race.
//
// Contents: config.go what to run · try.go one run · outcome.go what it showed ·
// message.go in words · run.go many seeds under go test · plans.go, check.go, fuzz.go
// drawn plans · assert.go, view.go, records.go, operations.go assertions · env.go,
// site.go, saved.go environment, names and files · standstill.go, build.go helpers.
package simtest
