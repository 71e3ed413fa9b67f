module example.com/cask-sessions

go 1.26.8

require (
	github.com/go-chi/chi/v5 v5.2.3
	github.com/hashicorp/golang-lru/v2 v2.0.7
)
