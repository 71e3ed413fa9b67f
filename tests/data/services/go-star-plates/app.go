// Photographic plates: the stars on each, in a tree.
package main

import (
	"fmt"
	"log"
	"math/rand"
	"net/http"
	_ "net/http/pprof"
	"os"
	"runtime/debug"
	"strconv"
)

type node struct {
	key         uint32
	left, right *node
	name        *string
}

var plates []*node

func insert(n *node, key uint32) *node {
	if n == nil {
		s := strconv.Itoa(int(key))
		return &node{key: key, name: &s}
	}
	if key < n.key {
		n.left = insert(n.left, key)
	} else {
		n.right = insert(n.right, key)
	}
	return n
}

func index(seed uint32, count int) *node {
	var root *node
	for i := 0; i < count; i++ {
		seed = seed*1664525 + 1013904223
		root = insert(root, seed)
	}
	return root
}

func lookup(w http.ResponseWriter, r *http.Request) {
	root := index(rand.Uint32(), 26000)
	fmt.Fprintln(w, root.key, *root.name)
}

func main() {
	debug.SetGCPercent(10)
	for i := 0; i < 60; i++ {
		plates = append(plates, index(uint32(i), 12000))
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/lookup", lookup)
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.Handle("/debug/pprof/", http.DefaultServeMux)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
