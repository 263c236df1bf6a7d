package sketch

import "math/bits"

// Accuracy is the largest relative error of a quantile: what is told lies
// within 2 % of the latency that has this rank. Up to 50 µs there is none.
const Accuracy = 0.02

// Max is the longest latency that is told apart, in microseconds: more than
// twelve days. Longer ones count as Max.
const Max = int64(1) << 40

// uppers holds the largest latency of each bucket. The first bucket takes 0
// and less, the next ones one latency each, later ones 4 % more than all below.
var uppers = makeUppers()

// starts holds, for each coarse number, the first bucket that one of its
// latencies may belong to.
var starts = makeStarts()

// coarseBits is how many leading bits of a latency its coarse number keeps.
const coarseBits = 5

// coarse returns a number that rises with the latency, by sixteen for each
// doubling.
func coarse(micros int64) int {
	shift := max(bits.Len64(uint64(micros))-coarseBits, 0)
	return shift<<(coarseBits-1) + int(micros>>shift)
}

func makeUppers() []int64 {
	made := []int64{0}
	for upper := int64(0); upper < Max; {
		upper = min(max(upper+1, upper*104/100), Max)
		made = append(made, upper)
	}
	return made
}

func makeStarts() []int {
	var made []int
	for bucket, upper := range uppers {
		for coarse(upper) >= len(made) {
			made = append(made, bucket)
		}
	}
	return made
}

// bucketOf returns the first bucket whose largest latency is at least micros.
func bucketOf(micros int64) int {
	micros = min(max(micros, 0), Max)
	bucket := starts[coarse(micros)]
	for uppers[bucket] < micros {
		bucket++
	}
	return bucket
}

// latencyOf returns the latency that stands for all of a bucket: the one whose
// relative error is the same to both ends.
func latencyOf(bucket int) int64 {
	if bucket == 0 {
		return 0
	}
	low, high := uppers[bucket-1]+1, uppers[bucket]
	return int64(2*float64(low)*float64(high)/float64(low+high) + 0.5)
}
