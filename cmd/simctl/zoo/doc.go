// Package zoo keeps bugs of real systems as patches over correct code, and shows that
// a hunt finds each.
//
//	patches, err := zoo.ReadDir(filepath.Join(root, zoo.Dir), scenarios.All())
//	rep, err := (&zoo.Visit{Root: root, Main: "./cmd/simctl", Patches: patches, Bases: 5, CPU: time.Minute}).Run(ctx)
//
// A patch is applied in memory: what it changes is written into a temporary folder, and
// a simctl is built over that by an overlay of the go command, so the sources are never
// touched. The patched simctl hunts from several base seeds, each until the first
// undeclared violation or until its processor time is up; the unpatched one runs at
// least the same seeds, and must find nothing.
//
// Patches apply strictly: the lines of a hunk, those around the change included, must be
// there to the letter, at one place. Otherwise it is an error that names the file and the
// hunk, as nobody can tell whether it would still be the same bug.
//
// Contents: patch.go, read.go what a patch file says · apply.go the patch in an
// overlay · build.go the go command · group_unix.go who gets a Ctrl-C · hunt.go one
// hunt, in slices · visit.go all of it.
package zoo
