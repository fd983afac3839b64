namespace CacheFiles.Samples.ErofsOndemand;

/// <summary>A configuration file: <c>[section]</c>s of <c>key = value</c>, a comment behind <c>#</c> at the beginning of a line.</summary>
internal sealed class Configuration
{
    private readonly Dictionary<Setting, List<object?>> _given = [];

    private Configuration(string path, TextReader text)
    {
        Setting[] section = [];
        for (var number = 1; text.ReadLine() is { } line; number++)
        {
            line = line.Trim();
            if (line.Length == 0 || line[0] == '#')
                continue;
            try
            {
                if (line[0] == '[')
                    section = SectionOf(line);
                else
                    Take(section, line);
            }
            catch (FormatException e)
            {
                throw new ConfigurationException($"{path}, line {number}: {e.Message}");
            }
        }
        if (Settings.All.FirstOrDefault(s => s.Required && !_given.ContainsKey(s)) is { } missing)
            throw new ConfigurationException($"{path}: {missing.Name} is missing: add a line '{missing.Name} = {missing.Form}' below [{missing.Section}]: {missing.Help}");
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="ConfigurationException">It is not there, or not right.</exception>
    internal static Configuration Load(string path)
    {
        try
        {
            using StreamReader reader = File.OpenText(path);
            return new Configuration(path, reader);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"the configuration cannot be read: {e.Message}");
        }
    }

    internal static Configuration Parse(string text) => new("configuration", new StringReader(text));

    /// <summary>What was given, or the default.</summary>
    internal T Get<T>(Setting<T> setting) => _given.TryGetValue(setting, out List<object?>? values) ? (T)values[0]! : setting.Parse(setting.Default);

    /// <summary>Everything that was given for a key that may be repeated.</summary>
    internal IReadOnlyList<T> All<T>(Setting<T> setting) => _given.TryGetValue(setting, out List<object?>? values) ? [.. values.Cast<T>()] : [];

    private static Setting[] SectionOf(string line)
    {
        Setting[] settings = [.. Settings.All.Where(s => line == $"[{s.Section}]")];
        return settings.Length > 0
            ? settings
            : throw new FormatException($"there is no section {line}: there are {string.Join(", ", Settings.All.Select(s => $"[{s.Section}]").Distinct())}");
    }

    private void Take(Setting[] section, string line)
    {
        if (section.Length == 0)
            throw new FormatException($"'{line}' is in no section: begin with one, such as [{Settings.All[0].Section}]");
        if (line.Split('=', 2, StringSplitOptions.TrimEntries) is not [var name, { Length: > 0 } text])
            throw new FormatException($"'{line}' is not 'key = value'");
        Setting setting = section.FirstOrDefault(s => s.Name == name)
            ?? throw new FormatException($"there is no key '{name}' in [{section[0].Section}]: {Remedy(section, name)}");
        if (_given.ContainsKey(setting) && !setting.Repeatable)
            throw new FormatException($"{name} is there twice: give it once");
        if (!_given.TryGetValue(setting, out List<object?>? values))
            _given[setting] = values = [];
        try
        {
            values.Add(setting.Read(text));
        }
        catch (FormatException e)
        {
            throw new FormatException($"{name} = {text}: {e.Message}");
        }
    }

    private static string Remedy(Setting[] section, string name)
        => Settings.All.FirstOrDefault(s => s.Name == name) is { } elsewhere
            ? $"it belongs below [{elsewhere.Section}]"
            : $"there are {string.Join(", ", section.Select(s => s.Name))}";
}
