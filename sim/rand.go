package sim

import (
	"fmt"
	"math/bits"
)

// Subject says what kind of decision an Identity names.
type Subject uint8

const (
	OfMessage Subject = iota + 1 // the K-th message of a type on a link
	OfNode                       // the K-th draw of a kind by a node
	OfSync                       // the K-th sync of a file by a node
	OfCrash                      // the K-th crash of a node: what its disk keeps
	OfPlanner                    // the K-th draw of a kind by a fault planner
	OfTimer                      // the K-th firing of a timer of a node (named by `after:`; drawn is how long its step takes)
	OfRecord                     // record K of the trace (named by `after:`, never drawn)
	OfEffect                     // the K-th instant at which a server could crash (see Explore)
)

// Purpose tells the decisions about one subject apart.
type Purpose uint8

const (
	ForValue     Purpose = iota // the draw itself, where a subject has only one
	ForLoss                     // is the message lost?
	ForDuplicate                // is it delivered twice?
	ForLatency                  // how long does it (or the sync) take?
	ForKept                     // how many un-synced disk operations survive a crash
	ForTorn                     // how many bytes of the next one survive
	ForTarget                   // which node a fault's symbolic target picks
	ForReorder                  // how much longer does a message take, so that others overtake it?
	ForCorrupt                  // is it damaged on its way?
	ForFailure                  // does a sync fail?
	ForPhantom                  // does it lie?
	ForMisdirect                // does one of its writes go astray?
	ForStep                     // how long does the step take that a message, timer or boot begins?
	ForCrash                    // does the server crash there? (explore mode)
	ForRestart                  // after which of the times does it start again?
)

// Identity names one decision, or the event it is about, in a way that survives
// edits of the plan: removing a fault renames no message that both runs send.
// The same Identity serves as the key of the draw, as the address of an
// override and as the name in the trace.
//
//	message  {OfMessage, from, to, part/type, k, copy, purpose}
//	node     {OfNode, node, -, part/kind, k}     k runs on across incarnations
//	client   {OfNode, client, -, kind, k}        k = operation<<20 | index within it
//	sync     {OfSync, node, -, part/file, k}
//	step     the identity of the message or timer that begins it, for ForStep;
//	         a boot is {OfNode, node, -, "sim.Boot", incarnation}
//	planner  {OfPlanner, -, -, fault kind, k}
//	effect   {OfEffect, node, -, "", k}           k runs on across incarnations
type Identity struct {
	Subject Subject
	Node    NodeID // the sender, or the node concerned
	Peer    NodeID // the receiver of a message
	Name    string // type, kind or file; prefixed "part/" inside a Part
	K       uint64 // counted from 1
	Copy    uint8  // 0 for the message itself, 1 for its duplicate
	Purpose Purpose
}

// String prints the identity for people: message n1>n4 raft.Append #3.
func (id Identity) String() string {
	switch id.Subject {
	case OfMessage:
		return fmt.Sprintf("message %v>%v %s #%d", id.Node, id.Peer, id.Name, id.K)
	case OfSync:
		return fmt.Sprintf("sync %v %s #%d", id.Node, id.Name, id.K)
	case OfCrash:
		return fmt.Sprintf("crash %v #%d", id.Node, id.K)
	case OfTimer:
		return fmt.Sprintf("timer %v %s #%d", id.Node, id.Name, id.K)
	case OfRecord:
		return fmt.Sprintf("record %d", id.K)
	case OfEffect:
		return fmt.Sprintf("effect %v #%d", id.Node, id.K)
	case OfPlanner:
		return fmt.Sprintf("planner %s #%d", id.Name, id.K)
	default:
		return fmt.Sprintf("draw %v %s #%d", id.Node, id.Name, id.K)
	}
}

// The constants of wyhash (Wang Yi, public domain), as odd 64-bit multipliers.
const (
	mixA = 0xa0761d6478bd642f
	mixB = 0xe7037ed1a0b428db
	mixC = 0x8ebc6af09c88c6e3
	mixD = 0x589965cc75374cc3
)

// fold multiplies two words into 128 bits and xors the halves: one multiply
// that makes every output bit depend on every input bit.
func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^mixA, b^mixB)
	return hi ^ lo
}

// hashName is FNV-1a over the bytes of a name.
func hashName(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// streamKey is the key shared by all decisions of one subject, pair and name;
// hot paths compute it once per link and type.
func streamKey(seed uint64, s Subject, node, peer NodeID, name uint64) uint64 {
	return fold(fold(seed+uint64(s)*mixC, uint64(node)<<32|uint64(peer)), name)
}

// drawKeyed is the value of one decision of a stream: wyrand, entered at a
// place that the counter, copy and purpose determine.
func drawKeyed(key, k uint64, copy uint8, p Purpose) uint64 {
	x := key + (k<<16|uint64(copy)<<8|uint64(p))*mixD
	return fold(x, x^mixC)
}

// Draw is the raw 64-bit value that seed gives to a decision: a pure function
// of the two, published with test vectors in testdata/draw_vectors.txt.
//
//	fold(a, b) = hi xor lo of the 128-bit product (a xor A)·(b xor B)
//	key  = fold(fold(seed + subject·C, node<<32 | peer), fnv1a64(name))
//	x    = key + (k<<16 | copy<<8 | purpose)·D
//	Draw = fold(x, x xor C)
func Draw(seed uint64, id Identity) uint64 {
	key := streamKey(seed, id.Subject, id.Node, id.Peer, hashName(id.Name))
	return drawKeyed(key, id.K, id.Copy, id.Purpose)
}

// below scales a raw draw to 0 ≤ x < n by the high half of a product (Lemire
// 2019); the bias is below n/2⁶⁴.
func below(draw, n uint64) uint64 {
	hi, _ := bits.Mul64(draw, n)
	return hi
}

// million is the denominator of every chance: weights are parts per million.
const million = 1_000_000

func chance(draw uint64, ppm uint32) bool { return below(draw, million) < uint64(ppm) }
