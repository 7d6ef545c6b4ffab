package sim

import "testing"

// textsOf lists the texts of the records of a kind.
func textsOf(w *World, k Kind) (texts []string) {
	for _, r := range ofKind(w, k) {
		texts = append(texts, r.Text)
	}
	return texts
}

// liar writes a lot that one sync of its file and one of the directory cover.
func liar(env *Env) {
	f := env.File("f")
	f.Append([]byte("A"))
	f.WriteAt(3, []byte("BC"))
	f.Truncate(4)
	for range 3 {
		f.Append([]byte("D"))
	}
	f.Sync()
	f.Sync()
	env.File("g").Append([]byte("x"))
	env.Rename("g", "h")
	env.Remove("h")
	env.SyncDir()
}

func TestPhantomsSayWhatTheyLose(t *testing.T) {
	var hashes []uint64
	for _, keep := range []bool{true, false} {
		w := testWorld(t, Config{Records: keep})
		id := w.AddServer(onBoot(liar))
		w.DisturbDisk(id, DiskRule{Phantom: million})
		w.RunUntil(ms(1))
		hashes = append(hashes, w.Hash())
		if keep {
			equalSlices(t, "syncs", textsOf(w, KindSync), []string{
				"lies, and loses 1 byte at 0, 2 bytes at 3, the size 4, 1 byte at 4, 2 more",
				"lies, and covers nothing",
				"lies, and loses the name f, the name g, the name h instead of g, the end of the name h",
			})
			equalSlices(t, "ends of syncs", textsOf(w, KindSynced), []string{"", "", ""})
		}
	}
	equal(t, "hash with and without records", hashes[0], hashes[1])
}

// A write goes astray when it lands: at the end of its sync, or in a crash that keeps
// it. The end of a process lands nothing.
func TestStraysAreToldWhenTheyLand(t *testing.T) {
	landed := "a write of 2 bytes at 2 of f landed at 3, 1 of them within the file"
	for _, c := range []struct {
		how  string
		then func(w *World, env *Env)
		kind Kind
		want string
	}{
		{"synced", func(w *World, env *Env) { w.RunUntil(ms(9)) }, KindSynced, landed},
		{"kept by a crash", func(w *World, env *Env) { w.Crash(env.ID(), KeepPrefix) }, KindCrash, "crashes, and " + landed},
		{"lost in a crash", func(w *World, env *Env) { w.Crash(env.ID(), LoseAll) }, KindCrash, ""},
		{"kept for later by a halt", func(w *World, env *Env) { w.RunUntil(ms(2)) }, KindHalt, "enough"},
	} {
		keepsAll := ChooserFunc(func(id Identity, o Outcomes, drawn int64) int64 {
			if id.Purpose == ForKept {
				return o.N - 1
			}
			return drawn
		})
		w := testWorld(t, Config{Records: true, Disk: DiskConfig{Sync: Fixed(millis(5))}, Chooser: keepsAll})
		var env *Env
		id := w.AddServer(serve(func(e *Env, _ NodeID, m Message) {
			switch m.(type) {
			case Boot:
				env = e
				e.File("f").Truncate(4)
				e.File("f").WriteAt(2, []byte("CD"))
				e.File("f").Sync()
				if c.kind == KindHalt {
					e.Arm(note("enough"), millis(1))
				}
			case note:
				e.Fatal("enough")
			}
		}))
		w.DisturbDisk(id, DiskRule{Misdirect: million})
		w.RunUntil(0)
		c.then(w, env)
		equalSlices(t, c.how, textsOf(w, c.kind), []string{c.want})
	}
}
