namespace CacheFiles.Ondemand.Internal;

/// <summary>A state in a file that is always whole: it is written beside and renamed.</summary>
internal sealed class StateFile(string path)
{
    internal OndemandState? Read()
    {
        try
        {
            return OndemandState.Parse(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{path}: {e.Message}", e);
        }
    }

    internal void Write(OndemandState state)
    {
        var beside = path + ".new";
        File.WriteAllBytes(beside, state.ToJson());
        File.Move(beside, path, overwrite: true);
    }

    internal void Delete() => File.Delete(path);
}
