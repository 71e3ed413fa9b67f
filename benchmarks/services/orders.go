// An HTTP service that makes a report a request, in one goroutine or a pool of them.
// Arguments: the number of workers. Prints its port; /served tells how many reports it made.
package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync/atomic"
)

type order struct {
	customer string
	total    float64
	counts   [2]int
}

type row struct {
	Name string  `json:"name"`
	Sum  float64 `json:"sum"`
}

var (
	orders [1000]order
	served atomic.Int64
)

func report(seed int64) []byte {
	totals := map[string]float64{}
	for _, each := range orders {
		key := strings.ReplaceAll(strings.ToUpper(each.customer), " ", "-")
		totals[key] += each.total + float64(each.counts[0]+each.counts[1])*1.19 + float64(seed%3)
	}
	rows := make([]row, 0, len(totals))
	for name, sum := range totals {
		rows = append(rows, row{name, sum})
	}
	sort.Slice(rows, func(i, j int) bool { return rows[i].Sum > rows[j].Sum })
	text, _ := json.Marshal(rows[:50])
	return text
}

func main() {
	workers, _ := strconv.Atoi(os.Args[1])
	for i := range orders {
		name := fmt.Sprintf("customer %d", i*7919%97)
		orders[i] = order{name, float64(i*31%1000) / 10, [2]int{i % 5, i % 3}}
	}
	jobs := make(chan chan []byte)
	for i := 0; i < workers; i++ {
		go func() {
			for answer := range jobs {
				answer <- report(served.Add(1))
			}
		}()
	}
	http.HandleFunc("/", func(out http.ResponseWriter, _ *http.Request) {
		answer := make(chan []byte)
		jobs <- answer
		out.Header().Set("Content-Type", "application/json")
		_, _ = out.Write(<-answer)
	})
	http.HandleFunc("/served", func(out http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(out, served.Load())
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	panic(http.Serve(listener, nil))
}
