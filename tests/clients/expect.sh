# What the scripts share: they work in a folder of their own.

equal() {
    [ "$1" = "$2" ] || { echo "expected: $2" >&2; echo "found:    $1" >&2; exit 1; }
}
# Reads all there is, so that no program finds its reader gone.
shows() {
    cat >shown
    grep -q -- "$1" shown || { echo "expected: $1" >&2; cat shown >&2; exit 1; }
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
