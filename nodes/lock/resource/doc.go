// Package resource is what the holders of locks write to: a server that keeps a value
// for each lock, and that checks fencing tokens or does not (Kleppmann 2016, "How to do
// distributed locking"; Burrows 2006 calls them sequencers, section 2.4).
//
//	w.AddServer(resource.Config{ChecksTokens: true}.Server)
//
// A write comes with the token under which its writer was granted the lock. With
// ChecksTokens, a write under a smaller token than one that was accepted before is refused:
// its writer has lost the lock meanwhile, whether it knows or not. Without, the last to
// come wins.
//
// What it keeps: an accepted write, and with it the largest token, is on the disk before
// anybody is told of it, its writer, a reader or somebody who is refused because of it, and
// is found again after a crash. A write is carried out once however often it is sent.
// A disk that fails to sync ends the process.
//
// Reads carry no token and do not raise the bar: whoever has only read may still be
// overtaken by a holder with a smaller token that has not written yet. Then both write what
// they have made of the same value, and a counter has lost an increment. Nor does a write
// that is refused raise it.
//
// Limits: it cannot refuse a late write if the next holder has not written yet; then it
// is not late for this resource. What is known of a writer's latest write is kept for
// ever, and so is the log. Late copies of older writes are not answered.
//
// Contents: messages.go what is said · server.go the server · journal.go what is on disk.
package resource
