// Stamps for letters of a reef station: presses strike them, one at a time each.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"
)

type Press struct {
	work chan func()
}

func NewPress(hands int) *Press {
	p := &Press{work: make(chan func())}
	for i := 0; i < hands; i++ {
		go p.strike()
	}
	return p
}

func (p *Press) strike() {
	for do := range p.work {
		do()
	}
}

// Do has a hand at the press do something, and waits for it.
func (p *Press) Do(f func()) {
	var done sync.WaitGroup
	done.Add(1)
	go func() {
		p.work <- func() {
			defer done.Done()
			f()
		}
	}()
	done.Wait()
}

type post struct{ press *Press }

// catalogue strikes proofs of all stamps again and again.
func (p *post) catalogue() {
	for {
		p.press.Do(func() { time.Sleep(60 * time.Millisecond) })
	}
}

func (p *post) stamp(w http.ResponseWriter, r *http.Request) {
	value, err := strconv.Atoi(r.PathValue("value"))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	text := ""
	p.press.Do(func() {
		time.Sleep(4 * time.Millisecond)
		text = fmt.Sprintf("*%03d*", value)
	})
	fmt.Fprintln(w, text)
}

func main() {
	p := &post{press: NewPress(2)}
	for i := 0; i < 14; i++ {
		go p.catalogue()
	}
	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	http.HandleFunc("GET /stamps/{value}", p.stamp)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
