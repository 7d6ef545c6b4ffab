// Package transcript tells a kept trace so that a person can follow it: time at
// the left, one column per server with its role and term, what happened in
// words, and what the clients asked and heard at the right.
//
//	err := transcript.Write(os.Stdout, world.Trace(), transcript.Options{})
//
// A step is told when it changed something that the node shows of itself; a
// node that shows nothing is told whenever it hears something. Messages between
// servers that changed nothing are gathered: "… 12 × raft.Append n1→n2,n3". So
// are lost ones, unless the step that sent them changed something or a client
// waits for them. What is not told at all is counted in the last line. Nothing
// is left out silently. Options make fewer view fields count (Fields), and have
// all told that clients and servers say to each other (Talk).
//
// Roles and terms are the view fields called role and term (or raft.role, …).
// Nodes without them show only whether they are up. Text is cut at 72
// characters a value, control characters become spaces, and the same trace gives
// the same bytes.
//
// Limits: the trace must have kept its records (sim.Config.Records); characters
// count as one column each.
//
// Contents: transcript.go options · tell.go which records become lines, and
// their words · words.go · cluster.go what the nodes show · fold.go quiet
// traffic · page.go, columns.go lines on paper · glyph.go signs · prose.go the
// same in words alone.
package transcript
