package twopc_test

import (
	"time"

	"distsim/nodes/twopc"
	"distsim/sim"
)

var oneCoordinator = []story{
	{"commit", twopc.Config{}, []string{
		"n2 and n3 to n1: yes to c1#1@1, saved",
		"n1 to n2 and n3: commit c1#1@1",
		"c1 knows c1#1 transfer(a1-30,a2+30) -> [70 130]",
		"n2 and n3 to n1: committed c1#1@1",
	}, func(w *tale) {
		w.asks(10, leg("a1", -30), leg("a2", 30))
		w.until(50)
	}},
	{"overdraft", twopc.Config{}, []string{
		"n2 to n1: no to c1#1@1: a1 holds too little",
		"n1 to n2 and n3: abort c1#1@1",
		"n3 released the locks",
		"c1 knows c1#1 transfer(a1-130,a2+130) -> short of a1",
	}, func(w *tale) {
		w.asks(10, leg("a1", -130), leg("a2", 130))
		w.until(50)
	}},
	{"presumed-abort", twopc.Config{}, []string{
		"— n1 crashes —",
		"n2 and n3 to n1: yes to c1#1@1, saved (it does not arrive)",
		"— n1 starts again —",
		"n2 and n3 to n1: what became of c1#1@1?",
		"n1 to n2 and n3: abort c1#1@1",
	}, func(w *tale) {
		w.asksFor(100*time.Millisecond, 10, leg("a1", -30), leg("a2", 30))
		w.until(13.5)
		w.Crash(n(1), sim.LoseAll)
		w.until(250)
		w.Restart(n(1))
		w.until(350)
	}},
	{"decision-survives-crash", twopc.Config{}, []string{
		"n2 and n3 to n1: yes to c1#1@1, saved",
		"n1 to n2 and n3: commit c1#1@1 (it does not arrive)",
		"— n1 crashes —",
		"— n3 crashes —",
		"n2 to n1: what became of c1#1@1? (it does not arrive)",
		"— n1 starts again —",
		"n1 to n2: commit c1#1@1",
		"— n3 starts again —",
		"n3 locked a2:c1#1@1",
		"n3 to n1: what became of c1#1@1?",
		"n1 to n3: commit c1#1@1",
		"n3 to n1: committed c1#1@1",
	}, func(w *tale) {
		w.asks(10, leg("a1", -30), leg("a2", 30))
		w.until(13)
		calm := w.cut("twopc.Commit", n(1))
		w.until(16)
		w.Crash(n(1), sim.LoseAll)
		calm()
		w.until(20)
		w.Crash(n(3), sim.LoseAll)
		w.until(320)
		w.Restart(n(1))
		w.until(350)
		w.Restart(n(3))
		w.until(370)
	}},
	{"late-prepare", twopc.Config{VoteRetries: 1}, []string{
		"n1 to n2 and n3: abort c1#1@1",
		"c1 knows c1#1 transfer(a1-30,a2+30) -> failed",
		"— the network is well again —",
		"n1 to n3: prepare c1#1@1: transfer(a2+30)",
		"c2 knows c2#1 transfer(a2-100,a1+100) -> [0 200]",
	}, func(w *tale) {
		calm := w.disturb("every Prepare from n1 to n3 is held up", sim.LinkRule{
			From: []sim.NodeID{n(1)}, To: []sim.NodeID{n(3)}, Type: "twopc.Prepare", Hold: true})
		w.asksFor(100*time.Millisecond, 10, leg("a1", -30), leg("a2", 30))
		w.asks(360, leg("a2", -100), leg("a1", 100))
		w.until(350)
		calm()
		w.until(380)
	}},
	{"batch", twopc.Config{Batch: 3}, []string{
		"n1 to n2 and n3: 3 messages",
		"n2 and n3 to n1: 3 messages",
		"n1 to n2 and n3: 3 messages",
		"n2 and n3 to n1: 3 messages",
		"n1 to n2: prepare c4#1@1: audit(a1)",
	}, func(w *tale) {
		for i, account := range []string{"a1", "a3", "a5"} {
			w.asks(10, leg(account, -10), leg([]string{"a2", "a4", "a6"}[i], 10))
		}
		w.asks(30, leg("a1", 0), leg("a2", 0))
		w.until(50)
	}},
}

var cooperation = []story{
	{"a-peer-knows", twopc.Config{AskPeers: true}, []string{
		"n1 to n3: commit c1#1@1 (it does not arrive)",
		"— n1 crashes —",
		"n3 to n2: what became of c1#1@1?",
		"n2 to n3: c1#1@1: committed",
		"n3 released the locks",
	}, func(w *tale) {
		w.asks(10, leg("a1", -30), leg("a2", 30))
		w.until(13)
		w.cut("twopc.Commit", n(1), n(3))
		w.until(16)
		w.Crash(n(1), sim.LoseAll)
		w.until(320)
	}},
	{"a-peer-has-not-voted", twopc.Config{AskPeers: true}, []string{
		"n1 to n3: prepare c1#1@1: transfer(a2+30) (it does not arrive)",
		"— n1 crashes —",
		"n2 to n3: what became of c1#1@1?",
		"n3 to n2: c1#1@1: aborted",
		"n2 released the locks",
	}, func(w *tale) {
		w.asksFor(100*time.Millisecond, 10, leg("a1", -30), leg("a2", 30))
		w.until(10.5)
		w.cut("twopc.Prepare", n(1), n(3))
		w.until(14)
		w.Crash(n(1), sim.LoseAll)
		w.until(320)
	}},
	{"all-uncertain", twopc.Config{AskPeers: true}, []string{
		"— n1 crashes —",
		"n2 to n3: what became of c1#1@1?",
		"n3 to n2: what became of c1#1@1?",
		"n3 to n2: c1#1@1: uncertain",
		"n2 to n3: c1#1@1: uncertain",
		"— n1 starts again —",
		"n1 to n2 and n3: abort c1#1@1",
	}, func(w *tale) {
		w.asksFor(100*time.Millisecond, 10, leg("a1", -30), leg("a2", 30))
		w.until(13.5)
		w.Crash(n(1), sim.LoseAll)
		w.until(350)
		w.Restart(n(1))
		w.until(420)
	}},
	{"a-lost-wound", twopc.Config{}, []string{
		"n3 let c1#1@1 wait for locks",
		"n3 to n1: abort c2#1@1, an older one waits (it does not arrive)",
		"n3 to n1: abort c2#1@1, an older one waits",
		"n1 to n3 and n2: abort c2#1@1",
		"c1 knows c1#1 transfer(a1-30,a2+30) -> [70 130]",
	}, func(w *tale) {
		w.asks(10, leg("a1", -30), leg("a2", 30))
		w.asksFor(50*time.Millisecond, 11, leg("a2", -10), leg("a1", 10))
		w.slow["message n1>n3 twopc.Prepare #1"] = 5 * time.Millisecond
		calm := w.cut("twopc.Wound", n(3))
		w.until(60)
		calm()
		w.until(150)
	}},
	{"wound-wait", twopc.Config{}, []string{
		"n2 locked a1:c1#1@1",
		"n3 locked a2:c2#1@1",
		"n2 let c2#1@1 wait for locks",
		"n3 let c1#1@1 wait for locks",
		"n3 to n1: abort c2#1@1, an older one waits",
		"n1 to n3 and n2: abort c2#1@1",
		"n3 locked a2:c1#1@1",
		"n1 to n2 and n3: commit c1#1@1",
		"c2 knows c2#1 transfer(a2-10,a1+10) -> [120 80]",
	}, func(w *tale) {
		w.asks(10, leg("a1", -30), leg("a2", 30))
		w.asks(11, leg("a2", -10), leg("a1", 10))
		w.slow["message n1>n3 twopc.Prepare #1"] = 5 * time.Millisecond
		w.until(80)
	}},
}

var severalCoordinators = []story{
	{"asked-about-a-later-epoch", twopc.Config{Keeping: twopc.WithBackup}, []string{
		"— n1 pauses —",
		"n2 coordinates now",
		"n2 to n3 and n4: commit c1#1@2 (it does not arrive)",
		"— n1 goes on —",
		"n3 and n4 to n1: what became of c1#1@2?",
		"n1 is no coordinator any more",
		"n2 to n3 and n4: commit c1#1@2",
	}, func(w *tale) {
		w.silence[n(1)], w.silence[n(2)] = 120*time.Millisecond, 200*time.Millisecond
		w.until(155)
		w.Pause(n(1))
		deaf := w.disturb("n1 does not hear n2", sim.LinkRule{From: []sim.NodeID{n(2)}, To: []sim.NodeID{n(1)}, Cut: true})
		w.until(335)
		calm := w.cut("twopc.Commit", n(2))
		w.asksOf(n(2), 2, 1, leg("a1", -30), leg("a2", 30))
		w.until(610)
		w.Resume(n(1))
		w.until(620)
		calm()
		deaf()
		w.until(720)
	}},
	{"backup-takes-over", twopc.Config{Keeping: twopc.WithBackup}, []string{
		"n3 and n4 to n1: epoch 1 is yours",
		"n1 coordinates now",
		"n1 to n2: changes of epoch 1 from 1 on: commit c1#1@1",
		"n2 to n1: saved up to change 1 of epoch 1",
		"n1 to n3 and n4: commit c1#1@1 (it does not arrive)",
		"— n1 crashes —",
		"n3 and n4 to n2: epoch 2 is yours",
		"n2 coordinates now",
		"n2 to n3 and n4: commit c1#1@1",
	}, func(w *tale) {
		w.silence[n(1)], w.silence[n(2)] = 120*time.Millisecond, 200*time.Millisecond
		w.asks(160, leg("a1", -30), leg("a2", 30))
		w.until(163)
		calm := w.cut("twopc.Commit", n(1))
		w.until(169)
		w.Crash(n(1), sim.LoseAll)
		calm()
		w.until(420)
	}},
	{"a-paused-coordinator-is-fenced", twopc.Config{Keeping: twopc.WithBackup}, []string{
		"— n1 pauses —",
		"n2 coordinates now",
		"— n1 goes on —",
		"n1 to n3: prepare c1#1@1: transfer(a1-30)",
		"n3 and n4 to n1: replaced, epoch 2 is in force",
		"n1 is no coordinator any more",
		"n1 to c1: in doubt",
		"n2 to n3: prepare c1#1@2: transfer(a1-30)",
		"c1 knows c1#1 transfer(a1-30,a2+30) -> [70 130]",
	}, func(w *tale) {
		w.silence[n(1)], w.silence[n(2)] = 120*time.Millisecond, 200*time.Millisecond
		w.until(155)
		w.Pause(n(1))
		calm := w.disturb("n1 does not hear n2", sim.LinkRule{From: []sim.NodeID{n(2)}, To: []sim.NodeID{n(1)}, Cut: true})
		w.asks(200, leg("a1", -30), leg("a2", 30))
		w.until(400)
		w.Resume(n(1))
		w.until(410)
		calm()
		w.until(560)
		if owner := w.Node(n(1)).(*twopc.Coordinator).Owns(); owner != 0 {
			w.t.Errorf("n1 has taken epoch %d from n2, which is well", owner)
		}
	}},
	{"raft-takes-over", twopc.Config{Keeping: twopc.OnRaft}, []string{
		"n1 leads the group of coordinators",
		"n1 coordinates now",
		"n4 and n5 to n1: yes to c1#1@1, saved",
		"n1 to n4 and n5: commit c1#1@1 (it does not arrive)",
		"— n1 crashes —",
		"n2 leads the group of coordinators",
		"n2 coordinates now",
		"n2 to n4 and n5: commit c1#1@1",
		"n4 and n5 to n2: committed c1#1@1",
	}, func(w *tale) {
		w.reigns[n(1)], w.reigns[n(2)] = []int{100}, []int{200, 200, 200, 200, 200, 200, 200, 200}
		w.asks(210, leg("a1", -30), leg("a2", 30))
		w.until(213)
		calm := w.cut("twopc.Commit", n(1))
		w.until(222)
		w.Crash(n(1), sim.LoseAll)
		calm()
		w.until(560)
	}},
}
