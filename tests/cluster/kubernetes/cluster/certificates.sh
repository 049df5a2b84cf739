# shellcheck shell=bash disable=SC2034,SC2154
# The cluster's certificate authority, and a kubeconfig for each client. Made anew by each `up`, valid for 30 days.

create_authority() {
    (
        cd "$state/certificates" || exit
        openssl ecparam -name prime256v1 -genkey -noout -out authority.key
        openssl req -x509 -new -key authority.key -subj /CN=genome-operator-test -days 30 -out authority.crt \
            -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,digitalSignature
        openssl ecparam -name prime256v1 -genkey -noout -out service-accounts.key
        openssl ec -in service-accounts.key -pubout -out service-accounts.pub
    ) 2>>"$state/logs/certificates.log"
}

# create_certificate FILE SUBJECT [ALTERNATIVE_NAMES]
create_certificate() {
    local file=$1 subject=$2 alternatives=${3:-DNS:localhost}
    (
        cd "$state/certificates" || exit
        openssl ecparam -name prime256v1 -genkey -noout -out "$file.key"
        openssl req -new -key "$file.key" -subj "$subject" -out "$file.csr"
        openssl x509 -req -in "$file.csr" -CA authority.crt -CAkey authority.key -CAcreateserial -days 30 -out "$file.crt" \
            -extfile <(printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth,clientAuth\n' "$alternatives")
    ) 2>>"$state/logs/certificates.log"
}

# create_kubeconfig FILE SUBJECT
create_kubeconfig() {
    create_certificate "$1" "$2"
    cat >"$state/$1.kubeconfig" <<YAML
apiVersion: v1
kind: Config
current-context: test
contexts: [{name: test, context: {cluster: test, user: test}}]
clusters:
- name: test
  cluster:
    server: https://$host_address:$(port api-server)
    certificate-authority-data: $(base64 -w0 <"$state/certificates/authority.crt")
users:
- name: test
  user:
    client-certificate-data: $(base64 -w0 <"$state/certificates/$1.crt")
    client-key-data: $(base64 -w0 <"$state/certificates/$1.key")
YAML
}
