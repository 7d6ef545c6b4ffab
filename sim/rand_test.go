package sim

import (
	"flag"
	"fmt"
	"hash/fnv"
	"math/big"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "rewrite the files under testdata that tests compare with")

const vectorsFile = "../testdata/draw_vectors.txt"

// vectors is what testdata/draw_vectors.txt pins: anyone who computes these can
// replay this simulator's decisions.
func vectors() string {
	var b strings.Builder
	b.WriteString("# Draws of decisions; see sim.Draw for the formula. Rewritten by go test ./sim -run Vectors -update.\n")
	b.WriteString("# fold a b = hi xor lo of the 128-bit product (a xor 0xa0761d6478bd642f)·(b xor 0xe7037ed1a0b428db)\n")
	for _, p := range [][2]uint64{{0, 0}, {1, 0}, {0, 1}, {1, 1}, {^uint64(0), ^uint64(0)}, {1 << 63, 1 << 32}, {mixA, 5}, {5, mixB}, {0x0123456789abcdef, 0xfedcba9876543210}} {
		fmt.Fprintf(&b, "fold 0x%016x 0x%016x = 0x%016x\n", p[0], p[1], fold(p[0], p[1]))
	}
	b.WriteString("# name s = 64-bit FNV-1a of the bytes of s\n")
	for _, s := range []string{"", "a", "log", "raft.Append", "g1/raft.Append", "directory", "Größe"} {
		fmt.Fprintf(&b, "name %q = 0x%016x\n", s, hashName(s))
	}
	b.WriteString("# draw seed subject node peer name k copy purpose = value; nodes as n1 = 1, c1 = 0x10000001\n")
	for _, seed := range []uint64{0, 1, 57, ^uint64(0)} {
		for _, id := range vectorIdentities() {
			fmt.Fprintf(&b, "draw %d %d %#x %#x %q %d %d %d = 0x%016x\n", seed, id.Subject, uint32(id.Node), uint32(id.Peer),
				id.Name, id.K, id.Copy, id.Purpose, Draw(seed, id))
		}
	}
	b.WriteString("# sample distribution draw = nanoseconds\n")
	for _, d := range []Dist{Fixed(millis(5)), Uniform(millis(1), millis(10)), Exponential(millis(1), millis(5), millis(1000)),
		Bimodal(millis(1), millis(10), millis(200), millis(1000), 1000)} {
		for _, draw := range []uint64{0, 1, 1 << 32, 1 << 63, 0x0123456789abcdef, ^uint64(0)} {
			fmt.Fprintf(&b, "sample %v 0x%016x = %d\n", d, draw, d.Sample(draw))
		}
	}
	return b.String()
}

func vectorIdentities() []Identity {
	return []Identity{
		{},
		{Subject: OfMessage, Node: Server(1), Peer: Server(4), Name: "raft.Append", K: 3, Purpose: ForLoss},
		{Subject: OfMessage, Node: Server(1), Peer: Server(4), Name: "raft.Append", K: 3, Purpose: ForDuplicate},
		{Subject: OfMessage, Node: Server(1), Peer: Server(4), Name: "raft.Append", K: 3, Purpose: ForLatency},
		{Subject: OfMessage, Node: Server(1), Peer: Server(4), Name: "raft.Append", K: 3, Copy: 1, Purpose: ForLatency},
		{Subject: OfMessage, Node: Client(1), Peer: Server(2), Name: "kv.Request", K: 1 << 40, Purpose: ForLatency},
		{Subject: OfNode, Node: Server(2), Name: "g1/election", K: 1},
		{Subject: OfNode, Node: Client(2), Name: "key", K: 7<<20 | 1},
		{Subject: OfSync, Node: Server(3), Name: "log", K: 2, Purpose: ForLatency},
		{Subject: OfCrash, Node: Server(3), K: 1, Purpose: ForKept},
		{Subject: OfCrash, Node: Server(3), K: 1, Purpose: ForTorn},
		{Subject: OfPlanner, Name: "partition", K: 1},
	}
}

func TestDrawVectors(t *testing.T) { equalFile(t, vectorsFile, vectors()) }

// equalFile compares with a file line by line, or rewrites it.
func equalFile(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	gotLines, wantLines := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	equal(t, "lines", len(gotLines), len(wantLines))
	for i := range min(len(gotLines), len(wantLines)) {
		equal(t, fmt.Sprintf("%s:%d", path, i+1), gotLines[i], wantLines[i])
	}
}

// bigFold is fold by the book.
func bigFold(a, b uint64) uint64 {
	x := new(big.Int).SetUint64(a ^ 0xa0761d6478bd642f)
	x.Mul(x, new(big.Int).SetUint64(b^0xe7037ed1a0b428db))
	lo := new(big.Int).And(x, new(big.Int).SetUint64(^uint64(0)))
	return lo.Uint64() ^ x.Rsh(x, 64).Uint64()
}

// The documented formula, in other words than the code's, gives the same draws.
func TestDrawIsItsFormula(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		id := Identity{
			Subject: Subject(rapid.IntRange(0, 7).Draw(t, "subject")),
			Node:    NodeID(rapid.Uint32().Draw(t, "node")), Peer: NodeID(rapid.Uint32().Draw(t, "peer")),
			Name: rapid.String().Draw(t, "name"), K: rapid.Uint64Range(0, 1<<48-1).Draw(t, "k"),
			Copy: rapid.Uint8Range(0, 1).Draw(t, "copy"), Purpose: Purpose(rapid.IntRange(0, 6).Draw(t, "purpose")),
		}
		name := fnv.New64a()
		name.Write([]byte(id.Name))
		key := bigFold(bigFold(seed+uint64(id.Subject)*0x8ebc6af09c88c6e3, uint64(id.Node)<<32|uint64(id.Peer)), name.Sum64())
		x := key + (id.K<<16|uint64(id.Copy)<<8|uint64(id.Purpose))*0x589965cc75374cc3
		if got, want := Draw(seed, id), bigFold(x, x^0x8ebc6af09c88c6e3); got != want {
			t.Fatalf("Draw(%d, %+v): got %#x, want %#x", seed, id, got, want)
		}
	})
}

// Neighbouring identities, purposes and seeds give unrelated draws: of each bit
// of the difference about half are set.
func TestDrawsOfNeighboursAreUnrelated(t *testing.T) {
	base := Identity{Subject: OfMessage, Node: Server(1), Peer: Server(2), Name: "x", K: 1}
	for what, next := range map[string]func(i uint64) (uint64, Identity, uint64, Identity){
		"k": func(i uint64) (uint64, Identity, uint64, Identity) {
			a, b := base, base
			a.K, b.K = i, i+1
			return 1, a, 1, b
		},
		"seed": func(i uint64) (uint64, Identity, uint64, Identity) { return i, base, i + 1, base },
		"purpose": func(i uint64) (uint64, Identity, uint64, Identity) {
			a, b := base, base
			a.K, b.K, b.Purpose = i, i, ForLoss
			return 1, a, 1, b
		},
		"node": func(i uint64) (uint64, Identity, uint64, Identity) {
			a, b := base, base
			a.Node, b.Node = NodeID(i), NodeID(i+1)
			return 1, a, 1, b
		},
	} {
		const n = 20_000
		var set [64]int
		for i := range uint64(n) {
			sa, a, sb, b := next(i + 1)
			diff := Draw(sa, a) ^ Draw(sb, b)
			for bit := range set {
				set[bit] += int(diff >> bit & 1)
			}
		}
		for bit, c := range set {
			if c < n*47/100 || c > n*53/100 {
				t.Errorf("%s: bit %d differs in %d of %d pairs, want about half", what, bit, c, n)
			}
		}
	}
}

// A draw depends on nothing but its kind and count: not on other draws between.
func TestDrawsRunOnByKindAcrossIncarnations(t *testing.T) {
	run := func(between func(env *Env)) (got []uint64) {
		w := testWorld(t, Config{Seed: 9})
		w.AddServer(onBoot(func(env *Env) {
			got = append(got, env.Uint64("x"))
			between(env)
			got = append(got, env.Uint64("x"))
		}))
		w.RunUntil(1)
		w.Crash(Server(1), LoseAll)
		w.Restart(Server(1))
		w.RunUntil(2)
		return got
	}
	plain := run(func(*Env) {})
	equalSlices(t, "with other draws between", run(func(env *Env) { env.Intn("y", 5); env.Chance("z", 5); env.Part("p").Uint64("x") }), plain)
	for k, v := range plain {
		equal(t, "draw", v>>2, Draw(9, Identity{Subject: OfNode, Node: Server(1), Name: "x", K: uint64(k + 1)})>>2)
	}
}

// A client's draws belong to its operation: removing one operation, or some of
// its draws, moves no other's.
func TestClientDrawsBelongToTheirOperation(t *testing.T) {
	run := func(ops ...int) map[int]uint64 {
		got := map[int]uint64{}
		w := testWorld(t, Config{Seed: 9})
		w.AddClient(Go(func(p *Proc) {
			for _, n := range ops {
				p.Op(n)
				if n%2 == 0 {
					p.Uint64("x")
				}
				got[n] = p.Uint64("x")
			}
		}))
		w.RunUntil(1)
		return got
	}
	all := run(1, 2, 3, 4, 5)
	for n, v := range run(1, 3, 4) {
		equal(t, fmt.Sprintf("draw of operation %d without 2", n), v, all[n])
	}
	equal(t, "identity of a client's draw", all[3]>>2, Draw(9, Identity{Subject: OfNode, Node: Client(1), Name: "x", K: 3<<20 | 1})>>2)
}

// Sometimes says yes with its weight in chaos only, and then as the seed says.
func TestSometimesOnlyInChaos(t *testing.T) {
	w := testWorld(t, Config{Seed: 4, Sometimes: 300_000})
	w.AddServer(idle)
	w.RunUntil(0)
	env := w.machine(Server(1)).envs[0]
	count := func() (n int) {
		for range 10_000 {
			if env.Sometimes("x") {
				n++
			}
		}
		return n
	}
	if n := count(); n < 2800 || n > 3200 {
		t.Errorf("in chaos: yes %d times of 10,000, want about 3,000", n)
	}
	w.Phase("quiet")
	equal(t, "in the quiet phase", count(), 0)
	w.Phase("chaos")
	if count() == 0 {
		t.Error("back in chaos: never yes")
	}
}
