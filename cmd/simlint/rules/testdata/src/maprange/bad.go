package maprange

import (
	_ "encoding/gob" // want `maprange: import of encoding/gob; it writes maps in random order`
	"maps"
	"reflect" //simlint:allow reflect the subject here
	"slices"
)

func effect(m map[int]int, send func(int)) {
	for k := range m { // want `maprange: the loop body sees the order of a map, which is random; range over slices.Sorted\(maps.Keys\(m\)\)`
		send(k)
	}
	for k := range m { // want `maprange: the loop body`
		if k > 3 {
			break
		}
	}
	var k int
	for k = range m { // want `maprange: the loop body`
	}
	_ = k
}

func generic[M ~map[K]V, K comparable, V any](m M) (k K) {
	for k := range m { // want `maprange: the loop body`
		return k
	}
	return
}

func unsorted(m map[int]int) []int {
	var keys []int
	for k := range m { // want `maprange: keys is collected in the order of a map and used before a sort in this function; call slices.Sort next`
		keys = append(keys, k)
	}
	return keys
}

func usedFirst(m map[int]int, send func([]int)) {
	var keys []int
	for k := range m { // want `maprange: keys is collected`
		keys = append(keys, k)
	}
	send(keys)
	slices.Sort(keys)
}

func sometimesSorted(m map[int]int, must bool) []int {
	var keys []int
	for k := range m { // want `maprange: keys is collected`
		keys = append(keys, k)
	}
	if must {
		slices.Sort(keys)
	}
	return keys
}

func sortedCopy(m map[int]int, send func([]int)) {
	var keys []int
	for k := range m { // want `maprange: keys is collected`
		keys = append(keys, k)
	}
	_ = slices.Sorted(slices.Values(keys))
	send(keys)
}

func namedResult(m map[int]int, early bool) (keys []int) {
	for k := range m { // want `maprange: keys is collected`
		keys = append(keys, k)
	}
	if early {
		return
	}
	slices.Sort(keys)
	return
}

func nextRound(m map[int]int, send func([]int)) {
	var keys []int
	for range 2 {
		send(keys)
		for k := range m { // want `maprange: keys is collected`
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
}

func otherField(s *struct{ keys, others []int }, m map[int]int) {
	for k := range m { // want `maprange: s.keys is collected`
		s.keys = append(s.keys, k)
	}
	slices.Sort(s.others)
}

func firstThree(m map[int]int) (keys []int) {
	for k := range m { // want `maprange: the loop body`
		if len(keys) < 3 {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	return keys
}

func drawn(m map[int]int, draw func() int) (keys []int) {
	for k := range m { // want `maprange: the loop body`
		keys = append(keys, k+draw())
	}
	slices.Sort(keys)
	return keys
}

func shrinking(m map[int]int) {
	for k := range m { // want `maprange: the loop body`
		if len(m) > 3 {
			delete(m, k)
		}
	}
	for k := range m { // want `maprange: the loop body`
		delete(m, k+1)
	}
}

func iterators(m map[int]int, send func(int)) []int {
	for k := range maps.Keys(m) { // want `maprange: maps.Keys yields in random order; wrap it in slices.Sorted, or collect and sort`
		send(k)
	}
	for _, v := range slices.Collect(maps.Values(m)) { // want `maprange: maps.Values`
		send(v)
	}
	all := maps.All(m) // want `maprange: maps.All`
	for k := range all {
		send(k)
	}
	pull := maps.Keys[map[int]int] // want `maprange: maps.Keys`
	_ = pull
	keys := slices.Collect(maps.Keys(m)) // want `maprange: maps.Keys`
	return keys
}

func reflected(v reflect.Value) {
	v.MapRange()    // want `maprange: \(reflect.Value\).MapRange walks a map in random order`
	_ = v.MapKeys() // want `maprange: \(reflect.Value\).MapKeys`
}
