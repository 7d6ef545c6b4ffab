package maprange

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sort"
)

type node struct {
	pending map[int]string
	commit  int
	due     []int
}

type byValue []string

func (b byValue) Len() int           { return len(b) }
func (b byValue) Less(i, j int) bool { return b[i] < b[j] }
func (b byValue) Swap(i, j int)      { b[i], b[j] = b[j], b[i] }

func sortedKeys(m map[int]string) []int {
	keys := make([]int, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func filtered(m, other map[int]string) []string {
	var values []string
	for k, v := range m {
		if _, ok := other[k]; ok || len(v) == 0 {
			continue
		}
		text := v + "!"
		values = append(values, text)
	}
	if len(values) == 0 {
		return nil
	}
	sort.Sort(sort.Reverse(byValue(values)))
	return values
}

func severalMaps(ms []map[int]string) []int {
	var keys []int
	for _, m := range ms {
		for k := range m {
			keys = append(keys, k)
		}
	}
	keys = append(keys, 7)
	slices.SortFunc(keys, func(a, b int) int { return cmp.Compare(b, a) })
	return keys
}

// settle collects into a field and deletes from one.
func (n *node) settle() {
	n.due = n.due[:0]
	for k := range n.pending {
		if k <= n.commit {
			n.due = append(n.due, k)
			delete(n.pending, k)
		}
	}
	sort.Slice(n.due, func(i, j int) bool { return n.due[i] < n.due[j] })
}

func forget(m, old map[int]string) {
	for k := range old {
		delete(m, k)
	}
	for k := range m {
		delete(m, k)
	}
	clear(old)
}

func inACase(m map[int]string, how int) []int {
	var keys []int
	switch how {
	case 1:
		for k := range m {
			if k < 0 {
				continue
			}
			keys = append(keys, k)
		}
		sort.Ints(keys)
	}
	return keys
}

func iterated(m map[int]string) ([]int, string) {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		_ = m[k]
	}
	_ = slices.SortedFunc(maps.Values(m), cmp.Compare)
	keys := slices.Collect(maps.Keys(m))
	slices.Sort(keys)
	keys = slices.AppendSeq(keys, maps.Keys(m))
	slices.Sort(keys)
	return keys, fmt.Sprint(m, len(m))
}

func rangeOverOthers(list []int, array *[3]int, text string) {
	for range list {
	}
	for range array {
	}
	for range text {
	}
}
