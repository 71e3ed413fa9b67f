// A server of Go: `server BEHAVIOUR [name=value ...]`. Tells its port.
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

var (
	options  = map[string]float64{"ms": 10, "slots": 1, "most": 1, "status": 503, "kb": 16, "each": 0.1}
	underWay atomic.Int64
	lock     sync.Mutex
	kept     [][]byte
	sink     uint64
)

func wait(ms float64) { time.Sleep(time.Duration(ms * float64(time.Millisecond))) }

// compute does the same work for each ms asked; rounds=N sets how much that is.
func compute(ms float64) {
	x := uint64(88172645463325252)
	for i := 0; i < int(ms*options["rounds"]); i++ {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	atomic.AddUint64(&sink, x)
}

func main() {
	options["rounds"] = 400000
	for _, word := range os.Args[2:] {
		name, value, _ := strings.Cut(word, "=")
		options[name], _ = strconv.ParseFloat(value, 64)
	}
	slots := make(chan struct{}, int(options["slots"]))
	behaviours := map[string]func() int{
		"healthy": func() int { wait(options["ms"]); return 200 },
		"pool": func() int {
			slots <- struct{}{}
			wait(options["ms"])
			<-slots
			return 200
		},
		"cpu": func() int { compute(options["ms"]); return 200 },
		"lock": func() int {
			lock.Lock()
			wait(options["ms"])
			lock.Unlock()
			return 200
		},
		"limit": func() int {
			if underWay.Add(1) > int64(options["most"]) {
				underWay.Add(-1)
				return int(options["status"])
			}
			wait(options["ms"])
			underWay.Add(-1)
			return 200
		},
		"retrograde": func() int {
			underWay.Add(1)
			lock.Lock()
			wait(options["ms"] + options["each"]*float64(underWay.Load()))
			lock.Unlock()
			underWay.Add(-1)
			return 200
		},
		"growing": func() int {
			lock.Lock()
			kept = append(kept, append([]byte{1}, make([]byte, int(options["kb"]*1000))...))
			lock.Unlock()
			wait(options["ms"])
			return 200
		},
	}
	handle := behaviours[os.Args[1]]
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(handle())
		w.Write([]byte("ok"))
	}))
}
