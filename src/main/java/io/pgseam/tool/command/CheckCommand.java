package io.pgseam.tool.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgseam.config.Fault;
import io.pgseam.preflight.Validation;
import io.pgseam.tool.console.Console;
import io.pgseam.tool.console.Figures;
import io.pgseam.tool.input.ConfigurationArgument;
import io.pgseam.tool.outcome.ExitStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigValue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code pgseam check}. */
@Command(
        name = "check",
        description =
                "Checks a configuration and its source: settings, connection, server, role, slot, publication and tables."
                        + " Changes nothing.",
        exitCodeList = {"0:No fault.", "1:Faults were found.", "2:The check could not be made."})
final class CheckCommand extends ToolCommand {

    @Mixin
    private final ConfigurationArgument configuration = new ConfigurationArgument();

    @Mixin
    private final OutputOptions output = new OutputOptions();

    CheckCommand(Console console) {
        super(console);
    }

    @Override
    public Integer call() {
        Map<String, String> props = configuration.read(console.in());
        List<String> warnings = new ArrayList<>();
        List<Fault> faults = new ArrayList<>();
        for (ConfigValue value : Validation.validate(props, warnings::add).configValues()) {
            value.errorMessages().forEach(message -> faults.add(new Fault(value.name(), message)));
        }
        if (output.json()) {
            writeJson(faults, warnings);
        } else {
            writeText(faults, warnings);
        }
        return faults.isEmpty() ? ExitStatus.OK : ExitStatus.NO;
    }

    private void writeText(List<Fault> faults, List<String> warnings) {
        // Of some faults several settings may be the reason.
        Map<String, List<String>> settings = new LinkedHashMap<>();
        faults.forEach(fault -> settings.computeIfAbsent(fault.message(), message -> new ArrayList<>())
                .add(fault.setting()));
        settings.forEach((message, named) -> {
            console.line(console.red("fault") + "    " + console.bold(String.join(", ", named)));
            console.line("         " + message);
        });
        for (String warning : warnings) {
            console.line(console.yellow("warning") + "  " + warning);
        }
        console.line(
                faults.isEmpty()
                        ? console.green("OK") + ": no fault" + tail(warnings)
                        : console.red(Figures.count(settings.size(), "fault")) + tail(warnings));
    }

    private static String tail(List<String> warnings) {
        return warnings.isEmpty() ? "" : ", " + Figures.count(warnings.size(), "warning");
    }

    private void writeJson(List<Fault> faults, List<String> warnings) {
        ObjectNode result = JsonNodeFactory.instance.objectNode();
        result.put("ok", faults.isEmpty());
        faults.forEach(fault -> result.withArray("faults")
                .addObject()
                .put("setting", fault.setting())
                .put("message", fault.message()));
        warnings.forEach(result.withArray("warnings")::add);
        result.withArray("faults");
        result.withArray("warnings");
        console.json(result);
    }
}
