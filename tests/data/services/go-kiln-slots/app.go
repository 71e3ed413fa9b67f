// Pottery: the free slots of the kilns, which a store knows.
package main

import (
	"bufio"
	"fmt"
	"log"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
)

type link struct {
	c net.Conn
	r *bufio.Reader
}

type links struct{ free chan *link }

func dial(n int) *links {
	p := &links{free: make(chan *link, n)}
	for i := 0; i < n; i++ {
		c, err := net.Dial("tcp", "127.0.0.1:"+os.Getenv("UPSTREAM_PORT"))
		if err != nil {
			log.Fatal(err)
		}
		p.free <- &link{c, bufio.NewReader(c)}
	}
	return p
}

func (p *links) lend() *link      { return <-p.free }
func (p *links) giveBack(l *link) { p.free <- l }

func (l *link) ask(q string) string {
	fmt.Fprintln(l.c, q)
	answer, err := l.r.ReadString('\n')
	if err != nil {
		log.Print(err)
	}
	return answer
}

var store *links

func slots(w http.ResponseWriter, r *http.Request) {
	l := store.lend()
	defer store.giveBack(l)
	fmt.Fprint(w, l.ask("kiln"))
}

func main() {
	store = dial(2)
	mux := http.NewServeMux()
	mux.HandleFunc("/slots", slots)
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.Handle("/debug/pprof/", http.DefaultServeMux)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
