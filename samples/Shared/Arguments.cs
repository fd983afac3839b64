namespace CacheFiles.Samples;

/// <summary>The arguments that were given: <c>--name VALUE</c>, <c>--name=VALUE</c> or <c>--name</c>.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, List<string>> _given = [];

    /// <exception cref="UsageException">An argument is unknown, missing, without its value, or there twice.</exception>
    internal Arguments(string[] args, IReadOnlyCollection<Option> known)
    {
        for (var i = 0; i < args.Length; i++)
        {
            var name = args[i].Split('=', 2)[0];
            Option option = known.FirstOrDefault(option => option.Name == name) ?? throw new UsageException($"unknown argument '{args[i]}'");
            string? value = args[i].Length > name.Length ? args[i][(name.Length + 1)..] : null;
            if (option.Value is null && value is not null)
                throw new UsageException($"{name} takes no value");
            if (option.Value is not null && value is null && i + 1 < args.Length && !args[i + 1].StartsWith("--", StringComparison.Ordinal))
                value = args[++i];
            if (option.Value is not null && string.IsNullOrEmpty(value))
                throw new UsageException($"{name} needs a value: {option.Form}, {option.Help}");
            if (!_given.TryAdd(name, [value ?? ""]))
            {
                if (!option.Repeatable)
                    throw new UsageException($"{name} is there twice: give it once");
                _given[name].Add(value!);
            }
        }
        if (known.FirstOrDefault(option => option.Required && !_given.ContainsKey(option.Name)) is { } missing)
            throw new UsageException($"{missing.Name} is missing: give {missing.Form}, {missing.Help}");
    }

    /// <summary>The value of an option that is required or was given.</summary>
    internal string this[string name] => _given[name][0];

    internal bool Has(string name) => _given.ContainsKey(name);

    internal string? Find(string name) => Has(name) ? this[name] : null;

    internal IReadOnlyList<string> All(string name) => _given[name];
}
