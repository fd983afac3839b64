namespace CacheFiles.Interop.Internal;

/// <summary>Text on its way into a C string, which ends at its first NUL.</summary>
internal static class CString
{
    internal static string Checked(string text, string parameter)
    {
        if (text is null)
            throw new ArgumentNullException(parameter);
        return text.IndexOf('\0') < 0 ? text : throw new ArgumentException("The text contains a NUL, at which the kernel would end it.", parameter);
    }
}
