package io.pgseam.config;

/**
 * Something wrong with the configuration, or with what it points at.
 *
 * @param setting the name of the setting that shows it
 * @param message what is wrong and what to do; holds no password and no row values
 */
public record Fault(String setting, String message) {

    /** {@code setting: message}, for logs and exceptions: without the salt that the name of a masking rule may have. */
    @Override
    public String toString() {
        return MaskSettings.withoutSalt(setting) + ": " + message;
    }
}
