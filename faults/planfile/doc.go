// Package planfile reads and writes plans as YAML that people edit by hand.
//
//	plan, err := planfile.Decode("found.yaml", data)
//
// Reading is strict: what is unknown, missing, twice there or of the wrong type
// is an error with file, line and column, says what to write instead, and never
// a panic, whatever the bytes. Decode(Encode(p)) is p, and the same plan always
// gives the same bytes. Limits: comments are not kept, and the parts of YAML
// that make one text mean another (anchors, tags, merges) are refused.
//
// The format, key by key, is in docs/plans.md.
//
// Contents: decode.go plans and their parts · entry.go faults · identity.go
// events and decisions · override.go fixed decisions · workload.go operations ·
// fill.go a fault's fields · value.go scalars · mapping.go keys · tree.go,
// guard.go, syntax.go YAML · encode.go, quote.go writing · file.go files · nearest.go
// suggestions · errors.go errors.
package planfile
