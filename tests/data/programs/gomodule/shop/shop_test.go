package shop

import "testing"

func BenchmarkTotal(b *testing.B) {
	b.ReportAllocs()
	for i := 0; i < b.N; i++ {
		Total(1000, nil)
	}
}

func BenchmarkSell(b *testing.B) {
	b.SetParallelism(4)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			sell(1000)
		}
	})
}

func BenchmarkSizes(b *testing.B) {
	for _, name := range []string{"small", "large"} {
		b.Run(name, func(b *testing.B) {
			for i := 0; i < b.N; i++ {
				Total(10, nil)
			}
		})
	}
}
