import java.util.HashMap;
import java.util.Map;

/** Keeps what was used last. */
class LruCache<K, V> {
    private static class Node<K, V> {
        K key;
        V value;
        Node<K, V> before;
        Node<K, V> after;
    }

    private final int most;
    private final Map<K, Node<K, V>> nodes = new HashMap<>();
    private Node<K, V> newest;
    private Node<K, V> oldest;

    LruCache(int most) {
        this.most = most;
    }

    synchronized V get(K key) {
        Node<K, V> node = nodes.get(key);
        if (node == null) {
            return null;
        }
        unlink(node);
        first(node);
        return node.value;
    }

    synchronized void put(K key, V value) {
        Node<K, V> known = nodes.get(key);
        if (known != null) {
            unlink(known);
        }
        Node<K, V> node = new Node<>();
        node.key = key;
        node.value = value;
        nodes.put(key, node);
        first(node);
        if (nodes.size() > most) {
            nodes.remove(oldest.key);
            unlink(oldest);
        }
    }

    private void first(Node<K, V> node) {
        node.before = null;
        node.after = newest;
        if (newest != null) {
            newest.before = node;
        }
        newest = node;
        if (oldest == null) {
            oldest = node;
        }
    }

    private void unlink(Node<K, V> node) {
        if (node.before == null) {
            newest = node.after;
        } else {
            node.before.after = node.after;
        }
        if (node.after == null) {
            oldest = node.before;
        } else {
            node.after.before = node.before;
        }
    }
}
