package io.pgseam.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** An authority of a test's own, and what it signs, made by the JDK's keytool. */
public final class Certificates {

    /** Of every file with a private key that has one. */
    public static final String PASSWORD = "of-the-key-file";

    private final Path directory;
    private final String authority;

    /**
     * Makes an authority.
     *
     * @param directory where its files go, and those of what it signs
     * @param authority its name, and that of its files
     */
    public Certificates(Path directory, String authority) throws IOException {
        this.directory = directory;
        this.authority = authority;
        generate(authority, authority, "BasicConstraints:critical=ca:true");
        keytool(store(authority), "-exportcert", "-rfc", "-alias", "user", "-file", root().toString());
    }

    /** The authority's certificate, in PEM. */
    public Path root() {
        return directory.resolve(authority + ".crt");
    }

    /** Signs a certificate for a server that is reached at {@code subject}, a name or an address. */
    public Signed server(String subject) throws IOException {
        boolean address = subject.matches("[0-9.]+");
        return sign("server", subject, "SubjectAlternativeName=" + (address ? "IP:" : "DNS:") + subject);
    }

    /** Signs a certificate with which {@code role} may log in. */
    public Signed client(String role) throws IOException {
        return sign("client", role, "ExtendedKeyUsage=clientAuth");
    }

    private Signed sign(String purpose, String subject, String extension) throws IOException {
        String name = authority + "-" + purpose + "-" + subject;
        generate(name, subject, "ExtendedKeyUsage=serverAuth,clientAuth");
        Path request = directory.resolve(name + ".csr");
        keytool(store(name), "-certreq", "-alias", "user", "-file", request.toString());
        Path certificate = directory.resolve(name + ".crt");
        keytool(
                store(authority),
                "-gencert",
                "-rfc",
                "-alias",
                "user",
                "-ext",
                extension,
                "-infile",
                request.toString(),
                "-outfile",
                certificate.toString());
        // PKCS-12 has the whole chain, without which a client does not know which authority the certificate is of.
        Path chain = directory.resolve(name + ".chain");
        Files.writeString(chain, Files.readString(certificate) + Files.readString(root()));
        keytool(store(name), "-importcert", "-noprompt", "-alias", "user", "-file", chain.toString());
        return new Signed(certificate, store(name));
    }

    private void generate(String name, String subject, String extension) throws IOException {
        keytool(
                store(name),
                "-genkeypair",
                "-alias",
                "user",
                "-keyalg",
                "RSA",
                "-keysize",
                "2048",
                "-validity",
                "30",
                "-dname",
                "CN=" + subject,
                "-ext",
                extension);
    }

    private Path store(String name) {
        return directory.resolve(name + ".p12");
    }

    private static void keytool(Path store, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        command.addAll(List.of("-keystore", store.toString(), "-storetype", "PKCS12", "-storepass", PASSWORD));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IllegalStateException(command.get(1) + " failed: " + output);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while making certificates", e);
        }
    }

    /**
     * A certificate and its private key.
     *
     * @param certificate in PEM
     * @param pkcs12 both, protected by {@link #PASSWORD}, under the alias {@code user}
     */
    public record Signed(Path certificate, Path pkcs12) {

        /** The private key as PKCS-8 in DER, readable for its owner only. */
        public Path derKey() throws IOException {
            return write("der", key().getEncoded(), "rw-------");
        }

        /** The private key as PKCS-8 in PEM, readable for its owner only. */
        public Path pemKey() throws IOException {
            return pemKey("rw-------");
        }

        /** The private key as PKCS-8 in PEM, with these permissions. */
        public Path pemKey(String permissions) throws IOException {
            return pem("PRIVATE KEY", permissions);
        }

        /** A file that says to be PKCS-1, as some tools write keys. */
        public Path pkcs1Key() throws IOException {
            return pem("RSA PRIVATE KEY", "rw-------");
        }

        private Path pem(String type, String permissions) throws IOException {
            String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key().getEncoded());
            String pem = "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n";
            return write("pem", pem.getBytes(StandardCharsets.US_ASCII), permissions);
        }

        private Key key() throws IOException {
            try (InputStream stream = Files.newInputStream(pkcs12)) {
                KeyStore store = KeyStore.getInstance("PKCS12");
                store.load(stream, PASSWORD.toCharArray());
                return store.getKey("user", PASSWORD.toCharArray());
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("cannot read " + pkcs12, e);
            }
        }

        private Path write(String suffix, byte[] content, String permissions) throws IOException {
            Path file = Files.createTempFile(pkcs12.getParent(), "key", "." + suffix);
            Files.write(file, content);
            return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
        }
    }
}
