// Sessions of the tasting room; those that were not used lately make room for new ones.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/go-chi/chi/v5"
	lru "github.com/hashicorp/golang-lru/v2"
)

type Session struct {
	Token string
	Made  time.Time
	Cart  [64]int
}

var (
	sessions, _ = lru.New[string, *Session](4096)
	made        atomic.Int64
	audit       = make(chan string, 256)
)

func newSession(w http.ResponseWriter, r *http.Request) {
	sum := sha256.Sum256([]byte(fmt.Sprint(made.Add(1), time.Now())))
	for i := 0; i < 2000; i++ {
		sum = sha256.Sum256(sum[:])
	}
	s := &Session{Token: hex.EncodeToString(sum[:]), Made: time.Now()}
	sessions.Add(s.Token, s)
	audit <- s.Token
	fmt.Fprintln(w, s.Token)
}

func main() {
	for i := 0; i < 8; i++ {
		go func() {
			for token := range audit {
				_, _ = hex.DecodeString(token)
			}
		}()
	}
	r := chi.NewRouter()
	r.Get("/healthz", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok")) })
	r.Get("/sessions/new", newSession)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), r))
}
